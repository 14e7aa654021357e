"""What survives a run: base, windows, plans, lineage. `base` is pure; `sqlite` is the store."""
