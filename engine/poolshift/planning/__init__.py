"""Runs gather, then decides a partition at a time; writes, opens and pages the plan file."""
