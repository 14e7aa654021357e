"""Tests; mirrors both source roots."""
