"""The fault server does what it says, and the short version of `make faults`."""
