"""Tests of `poolshift.plan`."""
