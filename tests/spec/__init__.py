"""The spec language: every code, the ten routes, the laws of reading."""
