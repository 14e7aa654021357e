"""The live provider, against the strict server."""
