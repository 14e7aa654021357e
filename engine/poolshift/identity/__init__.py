"""The neutral model: kinds, addresses, values, records, findings. Never performs I/O."""
