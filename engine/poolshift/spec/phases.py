"""``phases``: checked as a whole, because a phase widens what the phases before it named."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from poolshift.spec.context import Context
from poolshift.spec.ends import check_rates
from poolshift.spec.model import Amount, Limits
from poolshift.spec.names import check_expression
from poolshift.spec.nodes import Step
from poolshift.spec.tables import inside, read_beside
from poolshift.spec.users import check_method
from poolshift.spec.written import WrittenPhase, WrittenSelect

_OF_USERS: Final = ("memberships", "links", "factors")


def phases(written: Sequence[WrittenPhase], limits: Limits, context: Context) -> tuple[Mapping[str, Any], ...]:
    """The phases as mappings, limits merged with the spec's own. Errors: SPEC_PHASE_DUPLICATE, SPEC_SELECT_EMPTY,
    SPEC_STEP_ORDER, SPEC_MESSAGES_LIMIT, SPEC_MESSAGES_UNSUPPORTED, SPEC_UNTIL_OR_AFTER, and those of their parts."""
    if context.has("phases"):
        context.problems.not_yet("phases", context.key_place("phases"), "Without it one phase does everything.")
    names: dict[str, int] = {}
    with_users = False
    for number, phase in enumerate(written):
        path = ("phases", number)
        if phase.name in names:
            remedy = f"The first stands in line {names[phase.name]}; give every phase its own name."
            context.error("SPEC_PHASE_DUPLICATE", f'two phases are called "{phase.name}"', (*path, "name"), remedy)
        names.setdefault(phase.name, context.place(*path).line)
        with_users = with_users or "users" in phase.do or "all" in phase.do
        _check_order(phase, path, with_users, context)
        _check_select(phase.select, (*path, "select"), context)
        _check_messages(phase, path, limits, context)
        _check_until(phase, (*path, "until"), context)
        if phase.method is not None:
            check_method(phase.method, (*path, "method"), context)
        if context.destination is not None:
            check_rates(context.destination, phase.rates, (*path, "rates"), context)
    return tuple(phase.as_mapping() for phase in written)


def _check_order(phase: WrittenPhase, path: tuple[Step, ...], with_users: bool, context: Context) -> None:
    for number, step in enumerate(phase.do):
        if step in _OF_USERS and not with_users:
            remedy = "Name users in this phase or in one before it."
            context.error("SPEC_STEP_ORDER", f"{step} come before the users", (*path, "do", number), remedy)


def _check_select(select: WrittenSelect | None, path: tuple[Step, ...], context: Context) -> None:
    if select is None:
        return
    empty = [name for name in ("groups", "organizations") if getattr(select, name) == []]
    if not select.model_fields_set or empty or select.percent == 0:
        remedy = "Leave `select` out to mean everyone."
        context.error("SPEC_SELECT_EMPTY", "nobody is selected", path, remedy)
    if select.condition is not None:
        check_expression(context, (*path, "if"), select.condition)
    if select.file is not None:
        try:
            read_beside(context.folder, select.file)
        except (OSError, ValueError) as error:
            why = str(error) if type(error) is ValueError else f"cannot be read ({type(error).__name__})"
            remedy = "Name a file in the spec's folder or below it."
            context.error("SPEC_TABLE_FILE", f"the file {select.file} {why}", (*path, "file"), remedy)


def _check_messages(phase: WrittenPhase, path: tuple[Step, ...], limits: Limits, context: Context) -> None:
    messages = phase.messages
    send = messages.send if messages else "destination"
    if "reset_passwords" in phase.do and send == "destination":
        own = phase.limits.messages if phase.limits else None
        if (own or limits.messages) == Amount(number=0):
            remedy = "Add limits: {messages: NUMBER} to the phase, or messages: {send: none}."
            context.error("SPEC_MESSAGES_LIMIT", "the limit of messages is 0", path, remedy)
        if context.destination and context.destination.facts.get("sends_messages") is False:
            remedy = "Use messages: {send: export, file: …} and mail them yourself."
            context.error("SPEC_MESSAGES_UNSUPPORTED", "the destination sends no such mail", path, remedy)
    if messages is None:
        return
    if messages.send == "export" and messages.file is None:
        remedy = "Add file: …, where the list is written."
        context.error("SPEC_REQUIRED", '"file" is missing in messages', (*path, "messages"), remedy)
    if messages.file is not None:
        try:
            inside(context.folder, messages.file)
        except ValueError as error:
            remedy = "Name a file in the spec's folder or below it."
            context.error("SPEC_VALUE", f"the file {messages.file} {error}", (*path, "messages", "file"), remedy)


def _check_until(phase: WrittenPhase, path: tuple[Step, ...], context: Context) -> None:
    until = phase.until
    if until is None:
        return
    if until.or_after is not None and until.signed_in is None:
        remedy = "Add signed_in: {min: …}, which it opens, or use soak."
        context.error("SPEC_UNTIL_OR_AFTER", "or_after opens signed_in only", (*path, "or_after"), remedy)
    if until.signed_in is not None and until.signed_in.condition is not None:
        check_expression(context, (*path, "signed_in", "if"), until.signed_in.condition)
