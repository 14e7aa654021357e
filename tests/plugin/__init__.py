"""A provider by somebody else: built from docs/write-a-provider.md, installed, found, used, and tried."""
