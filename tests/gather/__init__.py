"""Tests of `poolshift.gather`."""
