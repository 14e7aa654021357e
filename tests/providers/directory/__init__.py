"""Tests of the embedded directory."""
