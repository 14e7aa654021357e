"""The mapping of one spec: a source record in, what the destination should hold out."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from poolshift.identity.value import Path, Value
from poolshift.mapping.desired import Desired, Left
from poolshift.mapping.groups import GroupRules
from poolshift.mapping.organizations import OrganizationRules
from poolshift.mapping.person_function import PersonFunction
from poolshift.mapping.user_plan import UserPlan
from poolshift.provider.schema import Schema
from poolshift.spec.model import Mode, Spec


class MapPerson(Protocol):
    def __call__(self, source_id: str, values: Mapping[str, Value], groups: Sequence[str] = ()) -> Desired | Left: ...


class Mapper:
    """``map(source_id, values, groups)`` -> Desired | Left: the generated function itself.

    values: the source's raw names; a missing key is absent, UNKNOWN could not be read. It never raises.
    paths: every destination path this migration owns, sorted; ``modes`` says how.
    needs_groups, needs_mfa: the function reads the person's groups, or its factors (a billed call each).
    Raises ExpressionError or KeyError when the spec holds expressions the loader would have refused.
    """

    map: MapPerson

    def __init__(self, spec: Spec, source: Schema, destination: Schema) -> None:
        plan = UserPlan(spec, source, destination)
        self.groups = GroupRules(spec, destination)
        self.organizations = OrganizationRules(spec, destination)
        function = PersonFunction(plan, self.groups, self.organizations)
        self.map = function.compiled()
        self.modes: Mapping[Path, Mode] = plan.modes
        self.paths: tuple[Path, ...] = tuple(self.modes)
        self.needs_groups = "groups" in function.names
        self.needs_mfa = "mfa" in function.names or any(field.source == "mfa" for field in spec.users.fields)
