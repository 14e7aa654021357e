"""The measures, each a function of the options that yields figures as soon as they are known."""
