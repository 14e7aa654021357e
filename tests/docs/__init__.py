"""The documents: what they show is run, what they link to is there, what is generated is current."""
