"""A password nobody knows: made, sent once, and forgotten."""

import secrets
import string
from typing import Final

LENGTH: Final = 64
_CLASSES: Final = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "^$*.[]{}()?!@#%&/,><:;|_~+=-")


def random_password(least: int) -> str:
    """Characters of every class a policy may ask for; as long as the pool's policy wants, if that is longer."""
    length = max(LENGTH, least)
    chosen = [secrets.choice(one) for one in _CLASSES]
    everything = "".join(_CLASSES)
    chosen += [secrets.choice(everything) for _ in range(length - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)
