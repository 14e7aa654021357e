"""Desired x actual x base -> changes, by complete truth tables. Pure: no I/O, not even indirectly."""
