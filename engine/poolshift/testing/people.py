"""Invented people: a sketch is what Hypothesis draws, a person is what the source shows."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from hypothesis import strategies as st

from poolshift.identity.value import Path, Value
from poolshift.testing.migration import LINKED, Names, creates
from poolshift.testing.samples import HOSTILE, fits
from poolshift.testing.source import Person
from poolshift.testing.trial import Trial

_PLAIN: Final = frozenset({"email", "phone", "username", "login"})


@dataclass
class Sketch:
    """values: drawn, by destination path; None leaves the field out. Everything else is a sample."""

    values: dict[Path, Value] = field(default_factory=dict)
    groups: int = 2
    linked: bool = True
    enabled: bool = True


def sketches(trial: Trial) -> st.SearchStrategy[Sketch]:
    """Texts from a hostile alphabet where the schema takes them, flags both ways, fields left out."""
    users = trial.schema.kinds["user"]
    drawn: dict[Path, st.SearchStrategy[Any]] = {}
    for path in Names(trial.world, trial.schema).of:
        own = users.fields[path]
        if own.roles & _PLAIN:
            continue
        if own.type == "bool":
            drawn[path] = st.booleans()
        elif own.type == "text" and own.pattern is None:
            drawn[path] = HOSTILE.filter(partial(fits, own))
        if path in drawn and not own.required:
            drawn[path] = st.none() | drawn[path]
    some = st.fixed_dictionaries({}, optional=drawn)
    return st.builds(Sketch, some, st.integers(0, 2), st.booleans(), st.booleans())


def people_of(trial: Trial, drawn: list[Sketch], *, belongings: bool = True) -> list[Person]:
    """The people of these sketches, under numbers nobody had."""
    users = trial.schema.kinds["user"]
    names = Names(trial.world, trial.schema)
    people: list[Person] = []
    for sketch in drawn:
        number = trial.world.number()
        values: dict[str, Value] = {}
        for path, name in names.of.items():
            value = trial.world.value("user", path, users.fields[path], number)
            value = sketch.values.get(path, value)
            if value is not None:
                values[name] = value
        source_id = trial.world.value("user", names.source_id, users.field_at(names.source_id), number)  # type: ignore[arg-type]
        person = Person(str(source_id), values, enabled=sketch.enabled)
        if belongings:
            _furnish(trial, person, sketch, number)
        elif _needs_organization(trial):
            person.organization = "organization-1"
        people.append(person)
    return people


def _furnish(trial: Trial, person: Person, sketch: Sketch, number: int) -> None:
    schema = trial.schema
    if creates(schema, "organization_member", "organization"):
        person.organization = f"organization-{1 + number % 2}"
    if creates(schema, "group_member", "group"):
        person.groups |= {f"group-{one}" for one in range(sketch.groups)}
    if creates(schema, "role_member", "role"):
        person.groups |= {f"role-{one}" for one in range(sketch.groups)}
    if creates(schema, "link") and trial.world.identity_provider is not None and sketch.linked:
        subject = trial.world.value("link", "subject", schema.kinds["link"].fields["subject"], number)
        person.links.add((LINKED, str(subject)))


def _needs_organization(trial: Trial) -> bool:
    fields = trial.schema.kinds["user"].fields
    return any(own.ref == "organization" and own.required for own in fields.values())
