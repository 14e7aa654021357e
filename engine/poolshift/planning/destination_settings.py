"""Do the settings of both ends go together, and does what is planned fit them? Asked of schemas, never of vendors."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from poolshift.identity.address import address
from poolshift.identity.value import Path
from poolshift.plan.estimate import Estimate, allowed_rate
from poolshift.plan.tally import Tally
from poolshift.planning.session import Session
from poolshift.provider.schema import Quota, Schema
from poolshift.spec.slots import login_slot

EVERYBODY: Final = address("user", "*")
LONG: Final = 1800.0
"""Seconds from which on what a plan takes of one quota is told."""


def check_settings(session: Session, paths: Collection[Path], tally: Tally) -> None:
    """Findings on settings, before anybody is looked at. ``paths``: the destination fields the spec maps."""
    _check_fixed(session, paths, tally)
    _check_known(session, paths, tally)
    if session.spec.users.passwords != "none":
        _check_passwords(session.source.schema.facts, session.destination.schema.facts, tally)


def check_estimate(session: Session, estimate: Estimate, tally: Tally) -> None:
    """Findings on what the planned changes would use, send and demand of people; messages count as a danger."""
    _check_quotas(session, estimate, tally)
    _check_messages(estimate, tally)
    created = sum(own.count for own in tally.classes.values() if own.key[:2] == ("user", "create"))
    if session.destination.schema.facts.get("demands_factor") and created:
        message = "created without a second factor, which nobody signs in without there"
        tally.find("FACTOR_LOCKOUT", EVERYBODY, message=message, count=created)


def _check_fixed(session: Session, paths: Collection[Path], tally: Tally) -> None:
    """How people sign in, what they have to have, and whether case counts: decided when the destination was made."""
    spec, ends = session.spec, (session.source.schema, session.destination.schema)
    users = session.destination.schema.kinds["user"]
    for word in spec.users.login:
        if login_slot(users, word) is None:
            tally.find("DESTINATION_FIXED", EVERYBODY, word, message=f"nobody signs in with {word} there")
    for path, own in users.fields.items():
        if own.required and own.write != "never" and path not in paths and path != spec.users.source_id:
            tally.find("DESTINATION_FIXED", EVERYBODY, path, message="required there, and the spec does not map it")
    if spec.users.passwords == "reset" and ends[1].facts.get("resets_passwords") is False:
        message = (
            "nobody can set a forgotten password anew there: switch that on, or say what else becomes of passwords"
        )
        tally.find("DESTINATION_FIXED", EVERYBODY, message=message)
    if [schema.facts.get("case_sensitive") for schema in ends] == [False, True]:
        message = "case counts in sign-in names there, and it does not at the source"
        tally.find("DESTINATION_FIXED", EVERYBODY, message=message)


def _check_known(session: Session, paths: Collection[Path], tally: Tally) -> None:
    """A field that such a destination may have and this very one has not, where poolshift cannot declare it."""
    schema = session.destination.schema
    if "attribute" in schema.kinds:
        return  # what is missing is declared, or found missing among the declared ones
    absent = schema.absent.get("attribute")
    for path in sorted(paths):
        if schema.kinds["user"].field_at(path) is None:
            why = absent.note if absent is not None else "there is no such field"
            tally.find("ATTRIBUTE_UNDECLARED", address("attribute", path), message=why)


def _check_passwords(source: Mapping[str, Any], destination: Mapping[str, Any], tally: Tally) -> None:
    before, after = source.get("password_policy"), destination.get("password_policy")
    if before is None or after is None:
        return
    differences = [
        f"{name} {_shown(before.get(name))} -> {_shown(after.get(name))}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]
    if differences:
        tally.find("PASSWORD_POLICY", EVERYBODY, message=", ".join(differences))


def _shown(rule: object) -> str:
    if rule is None:
        return "not known"
    return ("asked for" if rule else "not asked for") if isinstance(rule, bool) else str(rule)


def _check_quotas(session: Session, estimate: Estimate, tally: Tally) -> None:
    """Told where the calls take long at the allowed rate, or the spec's rate leaves live sign-ins less than half."""
    schema, rates = session.destination.schema, session.spec.destination.rates
    for name, seconds in sorted(estimate.durations.items()):
        rate = allowed_rate(schema, name, rates)
        share = _share(schema, name, rate)
        if seconds > LONG or share > 0.5:
            message = f"{estimate.calls[name]} calls at {rate:g}/s take {seconds / 60:.0f} min"
            shared = f", {share:.0%} of what live sign-ins share" if share else ""
            tally.find("QUOTA_BUDGET", EVERYBODY, name, message=message + shared)


def _share(schema: Schema, name: str, rate: float) -> float:
    """The part of a quota shared with live sign-ins that this rate takes; 0 where nothing is shared."""
    quota: Quota | None = next((quota for quota in schema.quotas if quota.name == name), None)
    if quota is None or not quota.shared:
        return 0.0
    return rate / min(calls / seconds for calls, seconds in quota.windows)


def _check_messages(estimate: Estimate, tally: Tally) -> None:
    if not estimate.messages:
        return
    tally.find("MESSAGES_PLANNED", EVERYBODY, message=f"{estimate.messages} messages", count=estimate.messages)
    tally.dangers["messages"] += estimate.messages
    for own in tally.classes.values():
        if own.id in estimate.senders:
            own.dangers = own.dangers | {"messages"}
