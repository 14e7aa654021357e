"""First-party providers, one folder each. They import the contract and the neutral model, never each other."""
