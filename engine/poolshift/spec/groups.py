"""``groups``: ordered rules, of which the first that matches a source group decides what becomes of it."""

from collections.abc import Sequence

from poolshift.identity.kind import Kind
from poolshift.spec.context import Context
from poolshift.spec.model import GroupRule
from poolshift.spec.names import GROUP, check_template
from poolshift.spec.nodes import Step
from poolshift.spec.problems import did_you_mean
from poolshift.spec.slots import slot, slots
from poolshift.spec.written import WrittenGroupRule


def groups(
    written: Sequence[WrittenGroupRule] | None, has_organizations: bool, declared: frozenset[str], context: Context
) -> tuple[GroupRule, ...] | None:
    """None where groups are not migrated. Errors: the SPEC_GROUP family, SPEC_FIELD_UNKNOWN, those of expressions."""
    if written is None:
        return None
    rules = []
    earlier: list[tuple[str, int]] = []
    for number, rule in enumerate(written):
        path = ("groups", number)
        _check_reach(rule, earlier, path, context)
        earlier.append((rule.match, context.place(*path).line))
        _check_target(rule, path, declared, context)
        _check_scope(rule, path, has_organizations, context)
        # A group is one thing for everybody: nothing of a person can be in its name.
        check_template(context, (*path, "name"), rule.name, GROUP, of_person=False)
        check_template(context, (*path, "organization"), rule.organization, GROUP)
        rules.append(_model(rule, path, declared, context))
    return tuple(rules)


def _model(rule: WrittenGroupRule, path: tuple[Step, ...], declared: frozenset[str], context: Context) -> GroupRule:
    users = context.destination_kind("user")
    return GroupRule(
        match=rule.match,
        target=rule.target,
        name=rule.name,
        scope=rule.scope,
        organization=rule.organization,
        field=slot(users, rule.field, declared) or rule.field if users and rule.field else rule.field,
        privileged=rule.privileged,
        create=rule.create,
        place=context.place(*path),
    )


def _check_reach(
    rule: WrittenGroupRule, earlier: list[tuple[str, int]], path: tuple[Step, ...], context: Context
) -> None:
    for match, line in earlier:
        if match == rule.match or not match.strip("*"):
            remedy = f'Put it before the rule "{match}" in line {line}.'
            context.error("SPEC_GROUP_UNREACHABLE", f'no group reaches the rule "{rule.match}"', path, remedy)
            return


def _check_target(rule: WrittenGroupRule, path: tuple[Step, ...], declared: frozenset[str], context: Context) -> None:
    kinds: dict[str, Kind] = {"group": "group", "role": "role", "organization": "organization"}
    kind = kinds.get(rule.target)
    if kind and context.destination and kind not in context.destination.kinds:
        possible = [word for word, needed in kinds.items() if needed in context.destination.kinds]
        remedy = f"Use as: {', '.join([*possible, 'field'])} or skip."
        summary = f"the destination has no {rule.target}s"
        context.error("SPEC_GROUP_UNSUPPORTED", summary, (*path, "as"), remedy)
    if (rule.target == "field") != (rule.field is not None):
        summary = "`as: field` needs `field`" if rule.target == "field" else "`field` belongs to `as: field`"
        context.error("SPEC_GROUP_FIELD", summary, path, "Write {match: …, as: field, field: PATH}.")
    users = context.destination_kind("user")
    if rule.field is not None and users and slot(users, rule.field, declared) is None:
        remedy = did_you_mean(rule.field, slots(users))
        summary = f'the destination has no field "{rule.field}"'
        context.error("SPEC_FIELD_UNKNOWN", summary, (*path, "field"), remedy)


def _check_scope(rule: WrittenGroupRule, path: tuple[Step, ...], has_organizations: bool, context: Context) -> None:
    where = (*path, "in") if context.has(*path, "in") else path
    if rule.scope != "global" and rule.target not in ("group", "role"):
        context.error("SPEC_GROUP_IN", f"`in` says nothing with as: {rule.target}", where, "Leave it out.")
    elif rule.scope == "organization" and not has_organizations:
        remedy = "Add organizations: {from: …}, which says which one a person is in."
        context.error("SPEC_GROUP_NO_ORGANIZATION", "there is no `organizations` block", where, remedy)
    elif reason := _impossible_scope(rule, context):
        context.error("SPEC_GROUP_IN", reason[0], where, reason[1])
    if rule.organization is not None and rule.scope != "organization":
        remedy = "Add in: organization."
        context.error("SPEC_GROUP_IN", "`organization` needs in: organization", (*path, "organization"), remedy)


def _impossible_scope(rule: WrittenGroupRule, context: Context) -> tuple[str, str] | None:
    """Why a role or group cannot live in this scope, and what to write instead."""
    names: tuple[Kind, ...] = ("role", "role_member") if rule.target == "role" else ("group", "group_member")
    if rule.target not in ("role", "group"):
        return None
    found = [kind for name in names if (kind := context.destination_kind(name))]
    if not found or any("scope" in kind.fields for kind in found):
        return None
    references = [field for kind in found for field in kind.fields.values() if field.ref == "organization"]
    if rule.scope == "global" and any(field.required for field in references):
        return f"a {rule.target} lives in an organization there", "Add in: organization."
    if rule.scope == "organization" and not references:
        return f"a {rule.target} does not live in an organization there", "Leave `in` out."
    if rule.scope.startswith("application:") and not any("application" in kind.fields for kind in found):
        return f"a {rule.target} does not live in an application there", "Leave `in` out."
    return None
