"""Source record -> desired record, by one generated function a spec. Pure: no I/O, not even indirectly."""
