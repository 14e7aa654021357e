"""The corpus of awkward records: each a small file that says what a plan makes of it."""
