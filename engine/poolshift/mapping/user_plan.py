"""What a spec wants of people, resolved against the schemas of both ends: the input of the generated function."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from poolshift.identity.value import Path
from poolshift.mapping.field_rule import FREE, FieldRule
from poolshift.mapping.shared import desired_attributes, open_map_around, open_map_of
from poolshift.mapping.statuses import status_plans
from poolshift.provider.schema import KindSchema, Schema
from poolshift.spec.expression import parse, parse_template, source_key
from poolshift.spec.expression_tree import Filter, Name, Node
from poolshift.spec.model import Field, Mode, Spec, Users

LOGIN_ROLES: Final[Mapping[str, str]] = {"email": "email", "username": "username", "phone_number": "phone"}
"""Words of `users.login` -> roles of destination fields."""

_FLAGS: Final[Mapping[str, str]] = {"email": "email_verified", "phone_number": "phone_number_verified"}
_DECLARED: Final[Mapping[str, str]] = {"number": "number", "boolean": "bool", "date": "date"}
_KEEPS_IDENTITY: Final = frozenset({"lower", "trim"})


@dataclass(frozen=True, slots=True)
class Verified:
    """A login path and the source flag that says its value is verified; "" = nothing can verify it.

    flag: the destination's own flag of that field, None where it has none.
    """

    path: Path
    source_flag: str
    flag: Path | None


@dataclass(frozen=True, slots=True)
class BoundedMap:
    """An open map, the owned paths in it, and what its vendor takes in all."""

    prefix: Path
    paths: tuple[Path, ...]
    max_keys: int | None
    max_bytes: int | None


class UserPlan:
    """Paths, rules and tests of one spec's people."""

    def __init__(self, spec: Spec, source: Schema, destination: Schema) -> None:
        self.spec = spec
        self.kind: KindSchema | None = destination.kinds.get("user")
        self._source_kind = source.kinds.get("user")
        self._declared = {own["name"]: own for own in desired_attributes(spec, destination, source)}
        self.fields = tuple(spec.users.fields)
        own = {field.path for field in self.fields}
        wanted = spec.users.source_id
        self.source_id_path = None if wanted is None or wanted in own else wanted
        self.owner_path = self._role_path("owner", own)
        self.enabled_path = self._role_path("enabled", own) if spec.users.disabled == "keep" else None
        self.credential_path = self._role_path("credential", own) if _resets(spec.users) else None
        mapped = bool(self._role_paths("enabled") & own) and spec.users.disabled == "keep"
        self.keeps_enabled = self.enabled_path is not None or mapped
        self.group_paths = tuple(dict.fromkeys(rule.field for rule in spec.groups or () if rule.field is not None))

    def rule(self, path: Path, field: Field | None = None) -> FieldRule:
        """The rule of a destination path."""
        if self.kind is None:
            return FieldRule(path, FREE, field)
        if (own := self.kind.fields.get(path)) is not None:
            # In a declared attribute a day stays a day, also once it is declared.
            day = own.type == "time" and open_map_around(self.kind, path) is not None
            return FieldRule(path, own, field, type_="date" if day else "")
        found = open_map_of(self.kind, path)
        if found is None:
            return FieldRule(path, FREE, field)
        declared = self._declared.get(path, {})
        schema = replace(found[1], max_length=declared.get("max_length", found[1].max_length))
        return FieldRule(path, schema, field, own=False, type_=_DECLARED.get(declared.get("type", ""), ""))

    @property
    def modes(self) -> Mapping[Path, Mode]:
        """The mode of every owned path."""
        modes: dict[Path, Mode] = {field.path: field.mode for field in self.fields}
        for path in self.group_paths:
            modes.setdefault(path, "authority")
        if self.enabled_path:
            modes[self.enabled_path] = "authority"
        if self.credential_path:
            modes[self.credential_path] = "seed"
        for marker in (self.source_id_path, self.owner_path):
            if marker:
                modes[marker] = "write_once"
        return dict(sorted(modes.items()))

    @property
    def names_read(self) -> frozenset[str]:
        """The names of people that fields and `users.if` read, tables left out."""
        names: set[str] = set()
        texts = [self.spec.users.condition, *(field.condition for field in self.fields)]
        for condition in texts:
            names |= parse(condition).names if condition is not None else set()
        for field in self.fields:
            if field.is_template and isinstance(field.value, str):
                names |= parse_template(field.value).names
        return frozenset(name for name in names if not name.startswith("tables."))

    @property
    def forbidden(self) -> tuple[Path, ...]:
        """Mapped paths the destination does not let anybody write."""
        return tuple(
            path for path in (*(field.path for field in self.fields), *self.group_paths) if self._refuses(path)
        )

    @property
    def demanded(self) -> tuple[tuple[Path, ...], ...]:
        """Sets of paths of which one must have a value: required fields, the kind's any_of, the login."""
        if self.kind is None:
            return ()
        required = [
            (path,)
            for path, schema in self.kind.fields.items()
            if schema.required and schema.write != "never" and not path.endswith("*")
        ]
        any_of = [tuple(sorted(paths)) for paths in self.kind.any_of]
        roles = [LOGIN_ROLES[word] for word in self.spec.users.login if word in LOGIN_ROLES]
        login = tuple(path for role in roles for path in self.kind.with_role(role))
        return tuple(dict.fromkeys([*required, *any_of, *([login] if login else [])]))

    @property
    def verified(self) -> tuple[Verified, ...]:
        """The e-mail and phone paths this spec maps."""
        if self.kind is None:
            return ()
        paths = {*self.kind.with_role("email"), *self.kind.with_role("phone")}
        return tuple(
            Verified(field.path, self._source_flag(field), self.kind.fields[field.path].verified_by)
            for field in self.fields
            if field.path in paths
        )

    @property
    def dependent_flags(self) -> tuple[tuple[Path, Path], ...]:
        """(flag, value) of mapped flags that cannot be true without their value, where the spec maps that, too."""
        own = {field.path for field in self.fields}
        about = {path: self.kind.field_at(path) for path in own} if self.kind else {}
        pairs = [(path, schema.only_with) for path, schema in about.items() if schema is not None]
        return tuple(sorted((flag, value) for flag, value in pairs if value is not None and value in own))

    @property
    def bounded_maps(self) -> tuple[BoundedMap, ...]:
        """Open maps that are bounded as a whole and that this spec writes into."""
        if self.kind is None:
            return ()
        inside: dict[Path, list[Path]] = {}
        for path in self.modes:
            if (found := open_map_of(self.kind, path)) is not None:
                inside.setdefault(found[0], []).append(path)
        maps = [(prefix, self.kind.fields[f"{prefix}*"], tuple(paths)) for prefix, paths in inside.items()]
        return tuple(
            BoundedMap(prefix, paths, schema.max_keys, schema.max_bytes)
            for prefix, schema, paths in maps
            if schema.max_keys is not None or schema.max_bytes is not None
        )

    def raises_nothing(self, verified: Verified) -> bool:
        """Whether the destination's flag is a plain copy of the source's: then it can raise nothing."""
        for field in self.fields:
            if field.path == verified.flag:
                bare = field.values is None and not field.has_default and field.format in (None, "bool")
                return bare and field.source is not None and field.source == verified.source_flag
        return True

    def _refuses(self, path: Path) -> bool:
        if self.kind is None:
            return False
        if (own := self.kind.fields.get(path)) is not None:
            return own.write == "never"
        if (found := open_map_of(self.kind, path)) is None:
            return False
        prefix, schema = found
        name = path.removeprefix(prefix)
        return schema.write == "never" or name in schema.reserved or name.partition(".")[0] in schema.reserved

    def _role_paths(self, role: str) -> frozenset[Path]:
        return frozenset(self.kind.with_role(role)) if self.kind else frozenset()

    def _role_path(self, role: str, own: set[Path]) -> Path | None:
        """The first path with a role, unless the spec maps one of them itself."""
        paths = self.kind.with_role(role) if self.kind else ()
        return None if not paths or own & set(paths) else paths[0]

    def _source_flag(self, field: Field) -> str:
        attribute = _copied_attribute(field)
        if attribute is None:
            return ""
        schema = self._source_kind.fields.get(attribute) if self._source_kind else None
        return (schema.verified_by if schema else None) or _FLAGS.get(attribute, "")


def _resets(users: Users) -> bool:
    """Whether anybody's password may have to be reset."""
    plans, _ = status_plans(users)
    return any(plan.credential == "reset" for plan in plans.values())


def _copied_attribute(field: Field) -> str | None:
    """The source attribute a field holds unchanged but for case and blanks; None = it may hold anything."""
    if field.values is not None or field.has_default:
        return None
    if field.source is not None:
        return field.source
    if not field.is_template or not isinstance(field.value, str):
        return None
    single = parse_template(field.value).single
    node: Node | None = single.tree if single else None
    while isinstance(node, Filter) and node.name in _KEEPS_IDENTITY and not node.arguments:
        node = node.item
    return source_key(node.name) if isinstance(node, Name) else None
