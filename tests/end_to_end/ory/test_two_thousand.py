"""Two thousand mixed people, from a pool to Ory, with every call judged by the vendor's description of its API."""

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from uuid import UUID

import pytest

from tests.end_to_end.cognito.pools import group_name
from tests.end_to_end.migration import SPEC_FILE, Migration
from tests.end_to_end.ory.expectation import People, expected, moved
from tests.end_to_end.ory.spec import KEY, VARIABLE, spec
from tests.population.people import Person, people
from tests.servers.cognito import CognitoServer, invented
from tests.servers.foreign import described
from tests.servers.ory import KratosServer
from tests.servers.prism import Prism

_HELD = {"status", "no address", "identity provider", "unverified link"}


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[CognitoServer]:
    """With credentials that open nothing else."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAINVENTED")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    with CognitoServer() as server:
        yield server


@pytest.fixture
def ory(monkeypatch: pytest.MonkeyPatch) -> Iterator[KratosServer]:
    """A project of the Ory Network."""
    monkeypatch.setenv(VARIABLE, KEY)
    with KratosServer(key=KEY) as server:
        yield server


@pytest.mark.slow
def test_two_thousand_people_move_and_then_each_change_is_one_change(
    pool: CognitoServer, ory: KratosServer, tmp_path: Path
) -> None:
    """Who belongs there is there, whole; then nothing changes; then four people move and nobody else is touched."""
    everybody = people(2_000)
    _seed(pool, everybody)
    there, left = expected(everybody)
    with Prism(described("kratos-v26.2.0"), ory.url) as prism:
        migration = Migration(tmp_path)
        migration.write_spec(spec(pool.pool_id, pool.url, prism.url))
        _arrive(migration, ory, there, Counter(left.values()))
        _stay(migration, Counter(left.values()))
        _move_on(migration, pool, ory, everybody, there)
        assert prism.violations == []
    assert {status for _, status in ory.log.answered} <= {200, 201, 204}
    assert KEY not in "".join(path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file())


def _seed(pool: CognitoServer, everybody: list[Person]) -> None:
    records = [{**own, "Groups": tuple(map(group_name, own["Groups"]))} for own in invented.records_of(everybody)]
    pool.seed(records, invented.groups(records))


def _arrive(migration: Migration, ory: KratosServer, there: People, why: Counter[str]) -> None:
    document = migration.plan_to("first.plan")
    links = sum(len(own["links"]) for own in there.values())
    planned = {(own["kind"], own["action"]): own["count"] for own in document["summary"]}
    assert (planned["user", "create"], planned["link", "add"]) == (len(there), links)
    assert document["verdict"]["changes"] == len(there) + links
    batches = -(-len(there) // 1_000)
    assert document["estimate"]["calls"] == {"kratos-admin-low": batches}
    assert document["estimate"]["messages"] == 0
    applied = migration.apply("first.plan")
    assert applied.code == 4, applied.err
    assert moved(ory.identities) == there
    writes = {name: count for name, count in ory.log.counts.items() if not name.startswith("GET")}
    assert writes == {"PATCH /admin/identities": batches}
    assert ory.log.most_at_once["PATCH /admin/identities"] == 1


def _stay(migration: Migration, why: Counter[str]) -> None:
    """Nothing is left but what a person decides."""
    conflicts, holds = why["conflict"], sum(why[reason] for reason in _HELD)
    assert migration.plan()["verdict"] == {"changes": 0, "conflicts": conflicts, "holds": holds, "exit_code": 4}
    verified = migration.run("verify", SPEC_FILE, "--format", "json")
    assert (verified.code, verified.document["verdict"]["differences"]) == (4, conflicts + holds)


def _move_on(
    migration: Migration, pool: CognitoServer, ory: KratosServer, everybody: list[Person], there: People
) -> None:
    """One changed, one deleted, one new at the source, and one edited at the destination."""
    found = [own for own in everybody if own.sub in there and own.status == "CONFIRMED" and not own.identities]
    changed, deleted, edited, model = found[100:104]
    newcomer = deepcopy(model)
    newcomer.sub, newcomer.username = str(UUID(int=7)), "newcomer"
    newcomer.attributes["email"] = "newcomer@example.com"
    old = pool.pool()
    old.change(old.get(changed.username), {"family_name": "Nieuwenhuis"})
    old.remove(old.get(deleted.username))
    _seed(pool, [newcomer])
    (identity,) = [own for own in ory.identities if own["external_id"] == edited.sub]
    edit = [{"op": "add", "path": "/traits/name/first", "value": "Edited"}]
    foreign = [{"op": "add", "path": "/metadata_admin/theirs", "value": {"kept": True}}]
    ory.ask("PATCH", f"/admin/identities/{identity['id']}", edit + foreign)

    rows = {row["address"]: row for row in migration.rows()}
    assert {address: (row["action"], row["rule"]) for address, row in rows.items()} == {
        f'user["{changed.sub}"]': ("update", "R7"),
        f'user["{deleted.sub}"]': ("retain", "R9"),
        f'user["{edited.sub}"]': ("update", "R7"),
        f'user["{newcomer.sub}"]': ("create", "R1"),
    }
    fields = {address: {own["path"]: own["rule"] for own in row["fields"]} for address, row in rows.items()}
    assert fields[f'user["{changed.sub}"]'] == {"traits.name.last": "F12"}
    assert fields[f'user["{edited.sub}"]'] == {"traits.name.first": "F11"}

    migration.migrate()
    changed.attributes["family_name"] = "Nieuwenhuis"
    after = dict(expected([*everybody, newcomer])[0])
    own = dict(after[edited.sub])
    after[edited.sub] = {**own, "metadata_admin": {**own["metadata_admin"], "theirs": {"kept": True}}}
    assert moved(ory.identities) == after
    assert after.keys() == there.keys() | {newcomer.sub}
    assert migration.plan()["verdict"]["changes"] == 0
