"""The specs under plans/: each is run as it stands."""
