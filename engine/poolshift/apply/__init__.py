"""Carries out a plan: windows, routes and batches, retry, settlement, recovery. Planning decides, this obeys."""
