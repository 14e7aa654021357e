"""Writes the one Python function that maps a person, from what the spec wants of people.

``map_person(source_id, values, groups)``. The ordinary case of a field (a printable text that fits) is written out;
everything else goes through ``FieldRule.settle``, which alone decides.
"""

from collections.abc import Mapping
from typing import Any, Final

from poolshift.identity.value import ABSENT, UNKNOWN, Path, Value
from poolshift.mapping import casts
from poolshift.mapping.conclusion import Conclusion
from poolshift.mapping.desired import Desired, Left
from poolshift.mapping.emitter import Emitter, compiled
from poolshift.mapping.field_rule import FieldRule, Note
from poolshift.mapping.groups import GroupRules
from poolshift.mapping.links import LinkRules
from poolshift.mapping.organizations import OrganizationRules
from poolshift.mapping.statuses import status_plans
from poolshift.mapping.user_plan import UserPlan
from poolshift.provider.schema import nothing, same
from poolshift.spec.expression import parse, parse_template, source_key
from poolshift.spec.model import Field

_TEXT_METHODS: Final[Mapping[str, str]] = {"lower": "v.lower()", "upper": "v.upper()"}


class PersonFunction:
    """Emits the function's lines section by section; ``names`` are the source names the spec reads."""

    def __init__(self, plan: UserPlan, groups: GroupRules, organizations: OrganizationRules) -> None:
        self._plan = plan
        self._groups = groups
        self._organizations = organizations
        self.names: dict[str, str] = {}
        self._read: dict[str, str] = {}
        self._emitter = Emitter(plan.spec.tables, self._variable)
        self._lines: list[str] = []
        self._constants: dict[Path, str] = {}
        self._constant_notes: list[Note] = []
        self._conclusion = Conclusion(plan)

    def compiled(self) -> Any:
        """The function itself."""
        keep = self._emitter.namespace
        keep.update(desired_of=Desired, left_of=Left, nobody=frozenset(), conclude=self._conclusion.of)
        source = self.source()
        return compiled(source, keep, "map_person")

    def source(self) -> str:
        """The function's text. Values of the spec stand in it as names or as the repr of a constant only."""
        for name in sorted(self._plan.names_read):
            self._read[source_key(name)] = self._variable(name)
        self._selection()
        for field in self._plan.fields:
            self._field(field)
        self._source_id()
        self._group_fields()
        self._people_sets()
        self._tests()
        self._end()
        return "\n".join([*self._head(), *self._lines]) + "\n"

    def _variable(self, name: str) -> str:
        return self.names.setdefault(name, f"n{len(self.names)}")

    def _line(self, text: str, depth: int = 1) -> None:
        self._lines.append("    " * depth + text)

    def _head(self) -> list[str]:
        """Written last: by then every name that is read and every constant is known."""
        constants = ", ".join(f"{path!r}: {name}" for path, name in self._constants.items())
        notes = self._emitter.name("constant_notes", tuple(self._constant_notes)) if self._constant_notes else ""
        lines = [
            "def map_person(source_id, values, groups=()):",
            "    get = values.get",
            f"    notes = [*{notes}]" if notes else "    notes = []",
            "    unknown = []",
            "    hazy = False",
        ]
        for name, variable in self.names.items():
            if name == "groups":
                lines.append(f"    {variable} = list(groups)")
                continue
            lines.append(f"    {variable} = get({source_key(name)!r})")
            lines.append(f"    if {variable}.__class__ is not str:")
            lines.append(f"        hazy = hazy or {variable} is UNKNOWN")
            lines.append(f"    elif not {variable}:")
            lines.append(f"        {variable} = None")
        return [*lines, f"    out = {{{constants}}}"]

    def _selection(self) -> None:
        """Status, enabled and `users.if`: whether the person is planned at all."""
        users = self._plan.spec.users
        plans, other = status_plans(users)
        status_of = self._emitter.name("status_of", dict(plans).get)
        self._line("status = get('status')")
        unlisted = self._emitter.name("other_status", other)
        native = self._emitter.name("native", plans[None])
        of_status = f"{status_of}(status, {unlisted}) if status.__class__ is str"
        self._line(f"plan = {of_status} else {native} if status is None else {unlisted}")
        self._line("skip, credential, rank, codes = plan")
        self._line("if skip:")
        self._line("return left_of(source_id, 'unselected', 'status')", 2)
        if users.disabled == "skip":
            self._line("if get('enabled') is False:")
            self._line("return left_of(source_id, 'unselected', 'disabled')", 2)
        if users.condition is not None:
            self._line(f"c = {self._emitter.expression(parse(users.condition))}")
            self._line("if c is UNKNOWN:")
            self._line("notes.append(('VALUE_TYPE', '', 'users.if reads a value that could not be read'))", 2)
            self._line("elif not c:")
            self._line("return left_of(source_id, 'unselected', 'if')", 2)
        self._line("if codes:")
        self._line("notes.extend([(code, 'status', '') for code in codes])", 2)

    def _field(self, field: Field) -> None:
        rule = self._plan.rule(field.path, field)
        template = parse_template(field.value) if field.is_template and isinstance(field.value, str) else None
        if field.source is None and template is None and field.condition is None:
            self._constant(rule, field.value)
            return
        depth = 1
        if field.condition is not None:
            self._line(f"c = {self._emitter.expression(parse(field.condition))}")
            self._line("if c is UNKNOWN:")
            self._line(f"unknown.append({field.path!r})", 2)
            self._line("elif c:")
            depth = 2
        if field.source is None and template is None:
            self._constant_inside(rule, field, depth)
            return
        self._line(f"v = {self._raw(field.source) if template is None else self._emitter.value(template)}", depth)
        self._value(rule, depth)

    def _raw(self, source: str | None) -> str:
        """An attribute's value; one that expressions read is in a variable already, with "" made null."""
        if source == "groups":
            return self._variable(source)
        return self._read.get(source or "") or f"get({source!r})"

    def _value(self, rule: FieldRule, depth: int) -> None:
        """From ``v`` into ``out``."""
        if rule.default_is_template and rule.field is not None:
            other = self._emitter.value(parse_template(rule.field.default))
            place = self._emitter.name("place_or", rule.place_or)
            self._line(f"{place}(v, lambda: {other}, out, unknown, notes)", depth)
            return
        place = self._emitter.name("place", rule.place)
        quick = self._quick(rule, depth)
        inside = depth + 1
        if quick:
            self._line("else:" if rule.has_default else "elif v is not None:", depth)
        elif rule.has_default:
            inside = depth
        else:
            self._line("if v is not None:", depth)
        self._line(f"{place}(v, out, unknown, notes)", inside)

    def _quick(self, rule: FieldRule, depth: int) -> bool:
        """The ordinary case in line; false when the field has none."""
        if rule.field is not None and rule.field.values is not None:
            values = self._emitter.name("values", rule.settled_values)
            star = self._emitter.name("star", rule.settled_star)
            find = f"{values}.get(v, {star})"
            self._line(f"if v and v.__class__ is str and (w := {find}) is not ABSENT:", depth)
            self._line(f"out[{rule.path!r}] = w", depth + 1)
            return True
        plain = rule.schema.canonical is same
        if rule.type == "bool" and plain and rule.format in (None, "bool"):
            self._line("if v is True or v is False:", depth)
            self._line(f"out[{rule.path!r}] = v", depth + 1)
            return True
        if rule.type == "number" and rule.format in (None, "number") and not rule.inline_tests():
            # Fewer than 19 digits: an integer of 64 bits, whatever they are.
            self._line("if v.__class__ is str and len(v) < 19 and v.isdigit() and v.isascii():", depth)
            number = "int(v)" if plain else f"{self._emitter.name('canonical', rule.schema.canonical)}(int(v))"
            self._line(f"out[{rule.path!r}] = {number}", depth + 1)
            return True
        if rule.type in ("text", "json", "ref") and rule.format in (None, "lower", "upper", "e164"):
            self._quick_text(rule, depth)
            return True
        return False

    def _quick_text(self, rule: FieldRule, depth: int) -> None:
        test = "v and v.__class__ is str and v.isprintable()"
        by_format = rule.format == "e164" and (rule.schema.canonical is same or rule.schema.on_ascii is not None)
        if rule.format == "e164":
            test = "v.__class__ is str and e164(v)"  # printable and ASCII, then
            self._emitter.namespace["e164"] = casts.E164.fullmatch
        self._line(f"if {test}:", depth)
        if rule.format is not None and rule.format in _TEXT_METHODS:
            self._line(f"v = {_TEXT_METHODS[rule.format]}", depth + 1)
        if rule.schema.canonical is not same and not by_format:
            self._canonical(rule, depth + 1)
        if tests := self._judging(rule, formed=by_format):
            self._line(f"if {tests}:", depth + 1)
            self._line(f"{self._emitter.name('judge', rule.judge)}(v, notes)", depth + 2)
        self._line(f"out[{rule.path!r}] = v", depth + 1)

    def _canonical(self, rule: FieldRule, depth: int) -> None:
        """The canonical form of a text; most are ASCII, where the schema may say that nearly nothing is to be done."""
        call = f"{self._emitter.name('canonical', rule.schema.canonical)}(v)"
        if rule.schema.on_ascii == "same":
            self._line("if not v.isascii():", depth)
            self._line(f"v = {call}", depth + 1)
        elif rule.schema.on_ascii == "lower":
            self._line(f"v = v.lower() if v.isascii() else {call}", depth)
        else:
            self._line(f"v = {call}", depth)

    def _judging(self, rule: FieldRule, *, formed: bool) -> str:
        """The tests of a printable text, with the rule's pattern under a name of its own. formed: it is E.164."""
        tests = tuple(test for test in rule.inline_tests() if not (formed and test.startswith("e164(")))
        if rule.pattern is not None:
            own = self._emitter.name("pattern", rule.pattern)
            tests = tuple(test.replace("pattern(", f"{own}(") for test in tests)
        if "phone" in rule.schema.roles:
            self._emitter.namespace["e164"] = casts.E164.fullmatch
        return " or ".join(tests)

    def _constant(self, rule: FieldRule, constant: Value) -> None:
        """Settled now; what is wrong with it is noted of every person."""
        notes: list[Note] = []
        value = None if constant is None else rule.settle(constant, notes)
        self._constant_notes += notes
        if value is UNKNOWN:
            self._line(f"unknown.append({rule.path!r})")
        elif value is not ABSENT:
            self._constants[rule.path] = self._emitter.name("constant", value)

    def _constant_inside(self, rule: FieldRule, field: Field, depth: int) -> None:
        if field.value is None:
            self._line(f"out[{rule.path!r}] = None", depth)
            return
        value = self._emitter.name("constant", field.value)
        self._line(f"{self._emitter.name('place', rule.place)}({value}, out, unknown, notes)", depth)

    def _source_id(self) -> None:
        """What the engine owns: the person's id at the source, our marker, the enabled flag."""
        plan = self._plan
        if plan.owner_path is not None:
            self._constant(plan.rule(plan.owner_path), plan.spec.migration)
        if plan.source_id_path is not None:
            self._line("v = source_id")
            self._value(plan.rule(plan.source_id_path), 1)
        if plan.enabled_path is not None:
            self._line("v = get('enabled')")
            self._value(plan.rule(plan.enabled_path), 1)
        if plan.credential_path is not None:
            self._line("if credential == 'reset':")
            self._line(f"out[{plan.credential_path!r}] = 'reset'", 2)
        if plan.keeps_enabled:
            return
        self._line("e = get('enabled')")
        self._line("if e is UNKNOWN:")
        self._line("notes.append(('DISABLED_LOST', 'enabled', 'could not be read'))", 2)
        self._line("elif e is False:")  # with `disabled: skip` these people have left already
        self._line("notes.append(('DISABLED_LOST', 'enabled', ''))", 2)

    def _group_fields(self) -> None:
        """Rules with ``as: field``; they need the person's organizations, so both come here."""
        own = self._plan.spec.organizations
        raw = "None"
        if own is not None and own.is_template:
            raw = self._emitter.value(parse_template(own.value))
        elif own is not None:
            raw = self._emitter.name("organization", own.value) if own.source is None else self._raw(own.source)
        keys = self._emitter.name("organization_keys", self._organizations.keys)
        self._line("organizations = ()" if own is None else f"organizations = {keys}({raw}, notes)")
        if self._plan.group_paths:
            self._variable("groups")
            values = self._emitter.name("group_values", self._groups.field_values)
            settle = self._emitter.name("add_group_values", self._add_group_values)
            self._line(f"{settle}({values}(groups, organizations), out, unknown, notes)")

    def _add_group_values(
        self, added: Mapping[Path, list[str]], out: dict[Path, Any], unknown: list[Path], notes: list[Note]
    ) -> None:
        for path, names in added.items():
            there = out.get(path)
            names = sorted({*there, *names}) if isinstance(there, list) else names
            self._plan.rule(path).place(names, out, unknown, notes)

    def _people_sets(self) -> None:
        """Links, and which login fields the source has verified."""
        links = self._emitter.name("links", LinkRules(self._plan.spec.links).of)
        self._line("links = ()")
        self._line("if i := get('identities'):")
        self._line(f"links = {links}(i, values, notes)", 2)
        self._line("verified = nobody")
        provable = [verified for verified in self._plan.verified if verified.source_flag]
        for position, verified in enumerate(provable):
            path = self._emitter.name("login", frozenset({verified.path}))
            self._line(f"if get({verified.source_flag!r}) is True and out.get({verified.path!r}) is not None:")
            self._line(f"verified = verified | {path}" if position else f"verified = {path}", 2)

    def _tests(self) -> None:
        """Rules over the whole record."""
        plan = self._plan
        for flag, value in plan.dependent_flags:
            self._line(f"if out.get({flag!r}) and out.get({value!r}) is None:")
            self._line(f"out[{flag!r}] = False", 2)
            self._line(f"if {value!r} in unknown:", 2)
            self._line(f"del out[{flag!r}]", 3)
            self._line(f"unknown.append({flag!r})", 3)
        for verified in plan.verified:
            if verified.flag is not None and not plan.raises_nothing(verified):
                there = f"out.get({verified.path!r}) is not None and {verified.path!r} not in verified"
                self._line(f"if out.get({verified.flag!r}) is True and {there}:")
                self._line(f"notes.append(('VERIFIED_RAISED', {verified.flag!r}, ''))", 2)
        for paths in plan.demanded:
            self._line(f"if {' and '.join(f'out.get({path!r}) is None' for path in paths)}:")
            self._line(f"notes.append(('ID_MISSING', {paths[0]!r}, {_one_of(paths)!r}))", 2)
        for path in plan.forbidden:
            self._line(f"if {path!r} in out:")
            self._line(f"notes.append(('FIELD_RESERVED', {path!r}, ''))", 2)
        if plan.bounded_maps:
            self._line(f"{self._emitter.name('weigh', self._conclusion.weigh)}(out, notes)")
        if plan.kind is not None and plan.kind.check is not nothing:
            check = self._emitter.name("check", plan.kind.check)
            self._line(f"notes.extend([(f.code, f.path or '', f.message) for f in {check}(out)])")

    def _end(self) -> None:
        arguments = "source_id, out, organizations, links, credential, rank, verified"
        self._line("if notes or unknown:")
        self._line(f"return conclude(desired_of({arguments}), unknown, notes)", 2)
        self._line(f"return desired_of({arguments})")


def _one_of(paths: tuple[Path, ...]) -> str:
    return f"one of {', '.join(paths)}" if len(paths) > 1 else ""
