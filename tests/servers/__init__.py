"""Servers that tests run against: emulators we did not write, made as strict as the real thing by layers of ours."""
