"""The `ory` provider, on a Kratos of our own."""
