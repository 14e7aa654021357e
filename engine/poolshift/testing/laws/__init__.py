"""The laws, a group a file. Each test cites its number in docs/provider-contract.md and skips where it cannot apply."""
