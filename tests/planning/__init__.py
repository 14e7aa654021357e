"""Tests of `poolshift.planning`."""
