"""``source`` and ``destination``: the providers, their settings, rates and expected counts."""

from collections.abc import Mapping
from typing import Final

from poolshift.errors import InputError
from poolshift.identity.kind import KINDS
from poolshift.spec.catalogue import Catalogue, SpecSchema
from poolshift.spec.context import Context
from poolshift.spec.model import End, Range, Rate
from poolshift.spec.nodes import Step
from poolshift.spec.problems import did_you_mean
from poolshift.spec.settings import settings
from poolshift.spec.written import WrittenEnd, WrittenRange, WrittenSource

COUNTED: Final[Mapping[str, str]] = {f"{kind}s": kind for kind in KINDS}
"""Words of ``expect``: users, groups, group_members, …"""


def end(name: str, written: WrittenEnd, catalogue: Catalogue, context: Context) -> tuple[End, SpecSchema] | None:
    """One end with its documented schema. Errors: SPEC_PROVIDER_UNKNOWN, SPEC_SETTING, SPEC_SECRET_LITERAL,
    SPEC_QUOTA_UNKNOWN, SPEC_RATE, SPEC_VALUE."""
    installed = catalogue.names(name)
    if written.provider not in installed:
        _unknown_provider(name, written.provider, catalogue, context)
        return None
    read = settings(catalogue.settings(written.provider), (name, "settings"), context)
    if read is None:
        return None
    try:
        schema = catalogue.schema(written.provider, read)
    except InputError as error:
        for found in error.diagnostics:
            place = found.place or context.place(name, "settings")
            context.problems.error(found.code, found.summary, place, found.remedy)
        return None
    check_rates(schema, written.rates, (name, "rates"), context)
    expect = _expect(written.expect, schema, context) if isinstance(written, WrittenSource) else {}
    return End(provider=written.provider, settings=read, rates=written.rates, expect=expect), schema


def _unknown_provider(end_name: str, provider: str, catalogue: Catalogue, context: Context) -> None:
    other = "destination" if end_name == "source" else "source"
    if provider in catalogue.names(other):
        summary = f'the provider "{provider}" cannot be a {end_name}'
        remedy = did_you_mean("", catalogue.names(end_name), "one of")
    else:
        summary = f'the provider "{provider}" is not installed'
        remedy = did_you_mean(provider, catalogue.names(end_name), "one of") or "Install it: pip install …"
    context.error("SPEC_PROVIDER_UNKNOWN", summary, (end_name, "provider"), remedy)


def check_rates(schema: SpecSchema, rates: Mapping[str, Rate], path: tuple[Step, ...], context: Context) -> None:
    """Errors: SPEC_QUOTA_UNKNOWN, SPEC_RATE."""
    quotas = {quota.name: quota for quota in schema.quotas}
    for name, rate in rates.items():
        quota = quotas.get(name)
        if quota is None:
            remedy = did_you_mean(name, quotas) or "This provider has no quotas; leave `rates` out."
            context.error_at_key("SPEC_QUOTA_UNKNOWN", f'there is no quota "{name}"', (*path, name), remedy)
            continue
        for calls, seconds in quota.windows:
            if rate.calls / rate.seconds > calls / seconds:
                summary = f'the rate is above the quota "{name}"'
                remedy = f"The quota is {calls:g} calls in {seconds:g} s."
                context.error("SPEC_RATE", summary, (*path, name), remedy)
                break


def _expect(written: Mapping[str, WrittenRange], schema: SpecSchema, context: Context) -> dict[str, Range]:
    found: dict[str, Range] = {}
    words = [word for word, kind in COUNTED.items() if kind in schema.kinds]
    for word, bounds in written.items():
        path = ("source", "expect", word)
        if word not in words:
            context.error_at_key("SPEC_VALUE", f'"{word}" is nothing the source has', path, did_you_mean(word, words))
        elif any(amount is not None and amount.number is None for amount in (bounds.min, bounds.max)):
            remedy = "Write a number: there is nothing here to take a percentage of."
            context.error("SPEC_VALUE", f'a percentage is no count of "{word}"', path, remedy)
        else:
            found[word] = Range(min=bounds.min, max=bounds.max)
    return found
