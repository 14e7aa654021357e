"""The plugin contract, discovery, and the calls a provider makes. A provider only translates."""
