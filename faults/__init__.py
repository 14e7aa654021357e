"""How reliable poolshift is, in numbers: faults, deaths, races and hostile specs. ``make faults``."""
