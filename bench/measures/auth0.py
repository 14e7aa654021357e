"""`poolshift apply` into an Auth0 tenant of ours that keeps the documented limits, against what they allow."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.request import urlopen

from bench.figure import Figure
from bench.options import Options
from bench.process import POOLSHIFT, PYTHON, ROOT, Failed, cost_of
from bench.spec import SPEC_FILE

NAME: Final = "auth0"
_GOAL: Final = 1.1
_JOB: Final = 1_000
"""People in one import job, as the provider fills it."""

_AT_ONCE: Final = 2
_ROWS: Final = 100.0
"""People a second that the tenant works through in each job."""

_MEMBERS: Final = 10
_BURST: Final = 20
_A_SECOND: Final = 200 / 60
_TENANTS: Final = ("acme", "globex", "umbra")
_PEOPLE: Final = 1_250
"""With their memberships as many changes as an apply holds at once."""

_IMPORT: Final = "POST /jobs/users-imports"
_ADD: Final = "POST /organizations/{organization}/members"
_SPEC: Final = """\
version: 1
migration: bench
source: {{provider: cognito_export, settings: {{path: users.jsonl}}}}
destination:
  provider: auth0
  settings:
    domain: acme.eu.auth0.com
    client_id: {client}
    client_secret: "${{env:BENCH_SECRET}}"
    connection: {connection}
    endpoint_url: "{url}"
  rates: {{write_organization_members: 3.3333/s, write_organizations: 0.4/s}}
users:
  login: [email]
  source_id: user_id
  copy: [email, email_verified, given_name, family_name]
  passwords: reset
organizations: {{from: custom:tenant, split: ",", missing: fail}}
"""


class Tenant(NamedTuple):
    url: str
    client: str
    secret: str
    connection: str


def measure(options: Options) -> Iterator[Figure]:
    """People by import jobs, two at once; then memberships, ten a call. Raises Failed where somebody is missing."""
    people = min(options.people, _PEOPLE)
    folder = options.folder / NAME
    folder.mkdir()
    _export(folder, people)
    with _tenant() as tenant:
        (folder / SPEC_FILE).write_text(
            _SPEC.format(client=tenant.client, connection=tenant.connection, url=tenant.url)
        )
        environ = {"BENCH_SECRET": tenant.secret}
        cost_of([POOLSHIFT, "plan", SPEC_FILE, "--out", "bench.plan"], folder, environ=environ)
        cost = cost_of([POOLSHIFT, "apply", "bench.plan", "--format", "json"], folder, environ=environ)
        seen = _seen(tenant)
    calls = seen["counts"][_ADD] - seen["refused"]
    seconds = seen["spans"][_ADD][1] - seen["spans"][_IMPORT][0]
    if seen["people"] != people or calls < people * len(_TENANTS) / _MEMBERS:
        raise Failed(f"the tenant holds {seen['people']} people instead of {people}, after {calls} calls for members")
    floor = _floor(people)
    note = f"{people:,} people in jobs of {_JOB:,} at {_ROWS:g} a second, then {calls} calls at 200 a minute"
    yield Figure(
        NAME, "from the first job to the last membership, against the floor", (seconds / floor,), _GOAL, note=note
    )
    yield Figure(NAME, "the floor", (floor,), unit="s")
    yield Figure(NAME, "wall time of the whole command", (cost.wall,), unit="s")
    yield Figure(NAME, "answers 429", (seen["refused"],), unit="answers")


def _floor(people: int) -> float:
    """Seconds the limits ask for: the jobs, two at once; then the calls beyond a burst. Nobody is a member before."""
    jobs = -(-people // _JOB)
    rounds = -(-jobs // _AT_ONCE)
    calls = len(_TENANTS) * -(-people // _MEMBERS)
    return rounds * min(people, _JOB) / _ROWS + max(0, calls - _BURST) / _A_SECOND


def _export(folder: Path, people: int) -> None:
    with (folder / "users.jsonl").open("w") as lines:
        for number in range(people):
            values = {
                "sub": f"00000000-0000-4000-8000-{number:012d}",
                "email": f"person.{number}@example.com",
                "email_verified": "true",
                "given_name": "Ann",
                "family_name": "Aerts",
                "custom:tenant": ",".join(_TENANTS),
            }
            attributes = [{"Name": name, "Value": value} for name, value in values.items()]
            user = {"Username": f"p{number}", "Attributes": attributes, "Enabled": True, "UserStatus": "CONFIRMED"}
            lines.write(json.dumps(user) + "\n")


@contextmanager
def _tenant() -> Iterator[Tenant]:
    """A tenant in a process of its own. Raises Failed when it did not start or did not end well."""
    command = [PYTHON, "-m", "tests.servers.auth0", "--limits", "--rows-a-second", str(_ROWS)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        if len(words) != len(Tenant._fields):
            raise Failed("the tenant did not start")
        try:
            yield Tenant(*words)
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(10)
    if code:
        raise Failed(f"the tenant ended with {code}")


def _seen(tenant: Tenant) -> dict[str, Any]:
    with urlopen(f"{tenant.url}/log", timeout=10) as answer:
        seen: dict[str, Any] = json.load(answer)
    return seen
