"""People into a real Keycloak, planned and applied, against one POST /users after another by the same HTTP client."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.servers.foreign import SERVERS
from tests.servers.keycloak.realm import CLIENT, SECRET, Realm
from tests.servers.keycloak.server import KeycloakServer

from bench.figure import Figure, ratios
from bench.options import Options
from bench.process import POOLSHIFT, ROOT, Cost, Failed, call, cost_of
from bench.spec import SPEC_FILE

NAME: Final = "keycloak"
_GOAL: Final = 5.0
_GROWTH_GOAL: Final = 1.25
_PEOPLE: Final = 20_000
_POSTED: Final = 5_000
_SPEC: Final = """\
version: 1
migration: bench
source: {{provider: cognito_export, settings: {{path: users.jsonl}}}}
destination:
  provider: keycloak
  settings: {{url: "{server}", realm: {realm}, client_id: {client}, client_secret: "${{env:BENCH_SECRET}}"}}
users:
  login: [email, username]
  source_id: id
  method: job
  copy: [username, email, email_verified, given_name, family_name]
  fields: {{attributes.locale: locale}}
"""


def measure(options: Options) -> Iterator[Figure]:
    """Raises Failed where the server is not installed, or not everybody arrived."""
    if not (SERVERS / NAME / "ready").exists():
        raise Failed("keycloak is not installed: run `make servers`")
    people = min(options.people, _PEOPLE)
    fewer, some = people // 4, min(people, _POSTED)
    theirs, ours, peaks, lower = [], [], [], []
    for number in range(options.rounds):
        with KeycloakServer(SERVERS / NAME / "server") as server:
            theirs.append(posted(server.url, some))
            small = migrated(options.folder / f"keycloak-{number}-fewer", server.url, fewer)
            large = migrated(options.folder / f"keycloak-{number}", server.url, people)
        ours.append(sum(cost.wall for cost in large) / people)
        peaks.append(max(cost.megabytes for cost in large))
        lower.append(max(cost.megabytes for cost in small))
    note = f"{people:,} people, plan and apply, against {some:,} requests one after the other; wall time a person"
    yield Figure(
        NAME, "one POST /users a person against plan and apply", ratios(theirs, ours), _GOAL, "at least", note=note
    )
    yield Figure(NAME, "wall time a person", tuple(one * 1e3 for one in ours), unit="ms")
    growth = f"{people:,} people against {fewer:,}"
    yield Figure(NAME, "peak memory of the command, growth", ratios(peaks, lower), _GROWTH_GOAL, note=growth)


def posted(server: str, people: int) -> float:
    """Wall seconds a person."""
    with Realm(server) as realm:
        seconds = float(call("bench.posting:post", server, realm.name, people, cwd=ROOT))
        _check(realm, people)
    return seconds / people


def migrated(folder: Path, server: str, people: int) -> tuple[Cost, Cost]:
    """Of the plan and of the apply."""
    call("bench.world:build_new", people, folder, cwd=ROOT)
    with Realm(server) as realm:
        spec = _SPEC.format(server=server, realm=realm.name, client=CLIENT)
        (folder / SPEC_FILE).write_text(spec)
        environ = {"BENCH_SECRET": SECRET}
        plan = cost_of([POOLSHIFT, "plan", SPEC_FILE, "--out", "bench.plan"], folder, environ=environ)
        apply = cost_of([POOLSHIFT, "apply", "bench.plan"], folder, environ=environ)
        _check(realm, people)
    return plan, apply


def _check(realm: Realm, people: int) -> None:
    found = realm.ask("GET", "/users/count")
    if found != people:
        raise Failed(f"{found} of {people} people arrived")
