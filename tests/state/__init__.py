"""Tests of what survives a run."""
