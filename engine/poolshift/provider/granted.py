"""Limits that a vendor granted to one tenant, as its settings say them: ``{UserCreation: 500/s}``."""

from collections.abc import Iterable, Mapping

from poolshift.spec.scalars import rate


def checked(granted: Mapping[str, str], known: Iterable[str]) -> dict[str, str]:
    """The same limits. Raises ValueError for a quota that is not ``known``, and for what is no rate above zero."""
    names = tuple(known)
    for name, text in granted.items():
        if name not in names:
            raise ValueError(f"there is no quota {name}; there are {', '.join(names)}")
        try:
            rate(text)
        except ValueError as error:
            raise ValueError(f"the limit of {name}: {error}") from error
    return dict(granted)


def window(granted: Mapping[str, str], name: str, otherwise: tuple[float, float]) -> tuple[float, float]:
    """(calls, seconds) of a quota: as granted, else as the vendor documents it. Raises ValueError as `checked`."""
    if name not in granted:
        return otherwise
    own = rate(granted[name])
    return own.calls, own.seconds
