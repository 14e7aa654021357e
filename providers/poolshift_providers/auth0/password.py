"""A password nobody knows: made, sent once, and forgotten."""

import secrets
import string
from typing import Final

LENGTH: Final = 64
"""Longer than any policy asks; Auth0 hashes the first 72 bytes."""

_CLASSES: Final = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "!@#$%^&*")


def random_password() -> str:
    """Characters of every class a policy may ask for, never the same one twice in a row."""
    everything = "".join(_CLASSES)
    chosen = [secrets.choice(one) for one in _CLASSES]
    while len(chosen) < LENGTH:
        following = secrets.choice(everything)
        if following != chosen[-1]:
            chosen.append(following)
    return "".join(chosen)
