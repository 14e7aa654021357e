"""Tests of the mapping from source records to desired records."""
