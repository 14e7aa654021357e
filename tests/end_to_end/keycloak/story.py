"""A whole migration: everybody arrives, nothing changes, somebody signs in, a few people move on."""

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from tests.end_to_end.keycloak.ends import Ends
from tests.end_to_end.keycloak.expectation import expected
from tests.end_to_end.keycloak.spec import ENVIRON, spec
from tests.end_to_end.migration import SPEC_FILE, Migration, Ran, accepts
from tests.population.people import Person

_HELD: Final = {"status", "identity provider", "unverified link"}
_PASSWORD: Final = "Chosen-anew-1"


class _Migration(Migration):
    """With the secret of the realm's client in the environment; the server works on the same processors."""

    def run(self, *words: str, seconds: float = 1800, **more: Any) -> Ran:
        return super().run(*words, seconds=seconds, **{"environ": ENVIRON, **more})


class Story:
    """Each step asserts what both ends hold after it."""

    def __init__(self, ends: Ends, folder: Path, everybody: list[Person]) -> None:
        self.ends = ends
        self.everybody = everybody
        ends.seed(everybody)
        self.migration = _Migration(folder)
        self.migration.write_spec(spec(ends.server.pool_id, ends.server.url, ends.realm, ends.realm.server))
        self.there, left = expected(everybody)
        self.why = Counter(left.values())
        self.open = self.why["conflict"] + sum(self.why[reason] for reason in _HELD)

    def arrive(self) -> None:
        document = self.migration.plan_to("first.plan")
        assert document["counts"] == {
            "source": self.why.total() + len(self.there),
            "repeated": self.why["repeated"],
            "unselected": self.why["unselected"],
            "unmappable": self.why["unmappable"],
            "verdicts": len(self.there) + self.open,
        }
        assert _changes(document) == {
            ("attribute", "create"): 3,
            ("organization", "create"): len(self._all("organizations")),
            ("role", "create"): len(self._all("roles")),
            ("group", "create"): len(self._all("groups")),
            ("user", "create"): len(self.there),
            ("organization_member", "add"): self._sum("organizations"),
            ("role_member", "add"): self._sum("roles"),
            ("group_member", "add"): self._sum("groups"),
            ("link", "add"): self._sum("links"),
        }
        assert document["estimate"]["messages"] == 0
        applied = self.migration.apply("first.plan", *accepts(document))
        assert applied.code == 4, applied.err + applied.out
        assert self.ends.moved() == self.there
        assert self.ends.server.messages == []

    def stay(self) -> None:
        """Nothing is left but what a person decides."""
        second = self.migration.plan()
        conflicts, holds = self.why["conflict"], self.open - self.why["conflict"]
        assert second["verdict"] == {"changes": 0, "conflicts": conflicts, "holds": holds, "exit_code": 4}
        verified = self.migration.run("verify", SPEC_FILE, "--format", "json")
        assert (verified.code, verified.document["verdict"]["differences"]) == (4, self.open)
        assert verified.document["verdict"]["conflicts"] == self.open

    def sign_in(self) -> None:
        """Nobody before they chose a password; then with their address and with their name."""
        person = self._plain()[0]
        own = self.ends.realm
        email = self.there[person.sub]["email"]
        assert not own.signs_in(email, _PASSWORD)
        chosen = {"type": "password", "value": _PASSWORD, "temporary": False}
        own.ask("PUT", f"/users/{person.sub}/reset-password", chosen)
        assert own.signs_in(email, _PASSWORD)
        assert own.signs_in(person.username, _PASSWORD)

    def move_on(self) -> None:
        """One changed, one deleted, one new at the source, and one edited at the destination."""
        changed, deleted, edited, model = self._plain()
        newcomer = _newcomer(model)
        self.ends.pool.change(self.ends.pool.get(changed.username), {"family_name": "Nieuwenhuis"})
        self.ends.pool.remove(self.ends.pool.get(deleted.username))
        document = self.ends.realm.ask("GET", f"/users/{edited.sub}")
        self.ends.realm.ask("PUT", f"/users/{edited.sub}", {**document, "firstName": "Edited"})
        self.ends.seed([newcomer])

        rows = self.migration.rows()
        own = self.there[model.sub]
        belongings = {
            *(f'group_member["{newcomer.sub}","{group}"]' for group in own["groups"]),
            *(f'role_member["{newcomer.sub}","","{role}"]' for role in own["roles"]),
            *(f'organization_member["{newcomer.sub}","{key}"]' for key in own["organizations"]),
        }
        assert {(row["address"], row["action"], row["rule"]) for row in rows} == {
            (f'user["{changed.sub}"]', "update", "R7"),
            (f'user["{deleted.sub}"]', "retain", "R9"),
            (f'user["{edited.sub}"]', "update", "R7"),
            (f'user["{newcomer.sub}"]', "create", "R1"),
            *((address, "add", "S2") for address in belongings),
        }
        fields = {row["address"]: {one["path"]: one["rule"] for one in row["fields"]} for row in rows}
        assert fields[f'user["{changed.sub}"]'] == {"lastName": "F12"}
        assert fields[f'user["{edited.sub}"]'] == {"firstName": "F11"}

        self.migration.migrate()
        changed.attributes["family_name"] = "Nieuwenhuis"
        after, _ = expected([*self.everybody, newcomer])
        assert self.ends.moved() == after
        assert after.keys() == self.there.keys() | {newcomer.sub}
        assert self.migration.plan()["verdict"]["changes"] == 0

    def _all(self, what: str) -> set[str]:
        return set().union(*(one[what] for one in self.there.values()))

    def _sum(self, what: str) -> int:
        return sum(len(one[what]) for one in self.there.values())

    def _plain(self) -> Sequence[Person]:
        """Four people without twins or identities, who may sign in; the last one in a group."""
        found = [
            person
            for person in self.everybody
            if person.sub in self.there
            and person.status == "CONFIRMED"
            and person.enabled
            and not self.there[person.sub]["links"]
            and "email" in self.there[person.sub]
        ]
        model = next(person for person in found if "beta" in person.groups and "admins" not in person.groups)
        others = [person for person in found if person is not model]
        return [*others[20:23], model]


def _newcomer(model: Person) -> Person:
    person = deepcopy(model)
    person.sub, person.username = str(UUID(int=7)), "newcomer"
    person.attributes |= {"email": "newcomer@example.com"}
    return person


def _changes(document: dict[str, Any]) -> dict[tuple[str, str], int]:
    """Changes of a plan by kind and action."""
    silent = {"noop", "hold", "conflict", "retain"}
    return {(one["kind"], one["action"]): one["count"] for one in document["summary"] if one["action"] not in silent}
