"""Invented people: a deterministic mixture of everything a user pool holds."""
