"""Rules of an identity schema that a field's pattern and length do not say: found in the plan, not by a refusal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from poolshift.identity.finding import Finding
from poolshift.identity.value import Path, Value
from poolshift_providers.ory.traits import Trait


def has_rules(trait: Trait) -> bool:
    """Whether there is anything to check of its values."""
    bounds = trait.minimum is not None or trait.maximum is not None
    return trait.choices is not None or bool(trait.min_length) or trait.format == "email" or bounds


def check(traits: Sequence[Trait], values: Mapping[Path, Value]) -> Iterable[Finding]:
    """Of one person's values, those that the identity schema would refuse."""
    for trait in traits:
        value = values.get(trait.path)
        if value is not None and (why := _refused(trait, value)):
            yield Finding("VALUE_LENGTH" if isinstance(value, str) else "VALUE_TYPE", "", trait.path, why)


def _refused(trait: Trait, value: Any) -> str:
    if trait.choices is not None and value not in trait.choices:
        return "the identity schema takes other values only"
    if isinstance(value, str):
        if len(value) < trait.min_length:
            return f"the identity schema wants {trait.min_length} characters at least"
        if trait.format == "email" and not _is_address(value):
            return "the identity schema takes an e-mail address only"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if trait.minimum is not None and value < trait.minimum:
            return f"the identity schema takes nothing below {trait.minimum}"
        if trait.maximum is not None and value > trait.maximum:
            return f"the identity schema takes nothing above {trait.maximum}"
    return ""


def _is_address(value: str) -> bool:
    local, at, host = value.rpartition("@")
    return bool(local and at and host) and not any(sign.isspace() for sign in value)
