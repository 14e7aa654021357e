"""What a provider is tested with: shipped, so that plugins elsewhere use the same."""
