"""The form in which the directory stores and compares values; each function is idempotent."""

from collections.abc import Iterable
from unicodedata import is_normalized, normalize

from poolshift.identity.value import Value
from poolshift_providers.directory.database import PREFIX


def text(value: Value) -> Value:
    """NFC; what is not text stays as it is."""
    if not isinstance(value, str) or value.isascii() or is_normalized("NFC", value):
        return value
    return normalize("NFC", value)


def folded(value: Value) -> Value:
    """NFKC and case-folded, so that one mailbox is one value."""
    if not isinstance(value, str):
        return value
    if value.isascii():
        return value.lower()
    # Folding can undo normalisation and the reverse: until neither changes anything.
    while (next_form := normalize("NFKC", normalize("NFKC", value).casefold())) != value:
        value = next_form
    return value


def texts(value: Value) -> Value:
    """A set of texts, whatever collection it came as."""
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, dict)):
        return frozenset(map(text, value))
    return value


def attribute_path(value: Value) -> Value:
    """An attribute is named by the path it makes available: ``plan`` means ``attributes.plan``."""
    if not isinstance(value, str) or not value:
        return value
    return text(value if value.startswith(PREFIX) else PREFIX + value)
