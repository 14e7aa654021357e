"""`poolshift apply` of one AdminCreateUser a person against one `aws` process a user; then a paced run."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

from bench.compiled import compile_and_check
from bench.figure import Figure, ratios
from bench.measures.plan import by_rule
from bench.options import Options
from bench.process import POOLSHIFT, PYTHON, ROOT, Failed, call, cost_of
from bench.spec import SPEC_FILE
from bench.stub import POOL, SOURCE_ID

NAME: Final = "apply"
_GOAL: Final = 300.0
_PEOPLE: Final = 10_000
_PROCESSES: Final = 20
_AT_ONCE: Final = 10
_RATE: Final = 50
_BUSY: Final = 2
_DELAY: Final = 0.1
_WALL_GOAL: Final = 1.1
_CREATE: Final = "AdminCreateUser"
_ENVIRON: Final = {
    "AWS_ACCESS_KEY_ID": "invented",
    "AWS_SECRET_ACCESS_KEY": "invented",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}
_SPEC: Final = """\
version: 1
migration: bench
source: {{provider: cognito_export, settings: {{path: users.jsonl}}}}
destination:
  provider: cognito
  settings:
    pool_id: {pool}
    endpoint_url: "http://127.0.0.1:{port}"
    quotas: {{UserCreation: {granted}/s, UserList: 1000/s, UserRead: 1000/s}}
  rates: {{UserCreation: {rate}/s}}
users:
  login: [email]
  source_id: "{source_id}"
  copy: [email, email_verified, given_name, family_name, locale]
  passwords: none
"""


def measure(options: Options) -> Iterator[Figure]:
    """Raises Failed where the stub saw other requests than it should."""
    yield from _against_processes(options)
    yield from paced(options)


def _against_processes(options: Options) -> Iterator[Figure]:
    people = min(options.people, _PEOPLE)
    aws = _aws()
    ours, theirs = [], []
    for number in range(options.rounds):
        ours.append(applied(options.folder / f"apply-{number}", people))
        if aws is not None:
            theirs.append(_one_process_a_user(options.folder, aws))
    if aws is None:
        raise Failed("there is no `aws` on the PATH to compare with; the CPU of an apply alone says nothing")
    note = f"{people:,} people against {_PROCESSES} processes a round, CPU a person"
    yield Figure(NAME, "one `aws` process a user against apply", ratios(theirs, ours), _GOAL, "at least", note=note)
    yield Figure(NAME, "CPU a person", tuple(cpu * 1e6 for cpu in ours), unit="µs")
    yield Figure(NAME, "CPU of one `aws` process", tuple(theirs), unit="s")


def applied(folder: Path, people: int) -> float:
    """CPU seconds a person of the whole apply."""
    with stub() as port:
        _plan(folder, port, people, 20_000)
        cost = cost_of([POOLSHIFT, "apply", "bench.plan", "--format", "json"], folder, environ=_ENVIRON)
        seen = counts(port)
    _check(seen, people, people)
    return cost.cpu / people


def _plan(folder: Path, port: int, people: int, rate: int) -> None:
    call("bench.world:build_new", people, folder, cwd=ROOT)
    spec = _SPEC.format(pool=POOL, port=port, granted=max(rate, 50), rate=rate, source_id=SOURCE_ID)
    (folder / SPEC_FILE).write_text(spec)
    words = [POOLSHIFT, "plan", SPEC_FILE, "--format", "json", "--out", "bench.plan"]
    found = by_rule(cost_of(words, folder, environ=_ENVIRON).document)
    if found.get("user create R1") != people:
        raise Failed(f"the plan of {people} new people says {found}")


def _one_process_a_user(folder: Path, aws: str) -> float:
    """CPU seconds a user of `xargs`, and of everything it ran."""
    names = "".join(f"person.{number}@example.com\n" for number in range(_PROCESSES))
    with stub() as port:
        words = [aws, "cognito-idp", "admin-create-user", "--endpoint-url", f"http://127.0.0.1:{port}"]
        words += ["--user-pool-id", POOL, "--message-action", "SUPPRESS", "--username"]
        command = ["xargs", "-n", "1", "-P", str(_AT_ONCE), *words]
        cost = cost_of(command, folder, environ=_ENVIRON, stdin=names)
        seen = counts(port)
    _check(seen, _PROCESSES, _PROCESSES)
    return cost.cpu / _PROCESSES


def paced(options: Options) -> Iterator[Figure]:
    """At least so many seconds at a rate, while the server refuses a share."""
    people = int(options.seconds * _RATE)
    folder = options.folder / "paced"
    with stub(_DELAY, _BUSY) as port:
        _plan(folder, port, people, _RATE)
        cost = cost_of([POOLSHIFT, "apply", "bench.plan", "--format", "json"], folder, environ=_ENVIRON)
        seen = counts(port)
    requests = seen["operations"][_CREATE]
    _check(seen, people, people + seen["refused"])
    if not seen["refused"]:
        raise Failed("the stub refused nothing")
    note = f"{people:,} creates at {_RATE} a second, {seen['refused']} answers 429, {_DELAY:g} s an answer"
    values = (seen["seconds"] / ((requests - 1) / _RATE),)
    yield Figure(NAME, "paced: time from the first to the last request against the rate", values, _WALL_GOAL, note=note)
    yield Figure(NAME, "paced: most requests in flight, at the server", (seen["most_in_flight"],), unit="requests")
    yield Figure(NAME, "paced: wall time of the whole command", (cost.wall,), unit="s")


def _check(seen: Mapping[str, Any], people: int, requests: int) -> None:
    found = seen["people"], seen["operations"].get(_CREATE, 0)
    if found != (people, requests):
        raise Failed(f"the server saw (people, requests) {found} instead of {(people, requests)}: {seen['operations']}")


@contextmanager
def stub(delay: float = 0.0, busy_of_a_hundred: int = 0) -> Iterator[int]:
    """The port of a server of its own, so that no old one answers. Raises Failed when it did not end well."""
    command = [PYTHON, "-m", "bench.stub", str(delay), str(busy_of_a_hundred)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise Failed("the stub did not start")
        try:
            yield int(line)
        finally:
            process.stdin.close()
            code = process.wait(10)
    if code:
        raise Failed(f"the stub ended with {code}")


def counts(port: int) -> dict[str, Any]:
    with urlopen(f"http://127.0.0.1:{port}/counts", timeout=10) as answer:
        seen: dict[str, Any] = json.load(answer)
    return seen


def _aws() -> str | None:
    """The `aws` command, its sources compiled; None where there is none."""
    found = shutil.which("aws")
    if found is None:
        return None
    if (real := shutil.which("pyenv")) is not None and "shims" in found:
        found = cost_of([real, "which", "aws"], ROOT).out.strip()
    with Path(found).open("rb") as script:
        first = script.readline().decode("utf-8", "replace").strip()
    if first.startswith("#!") and "python" in first:
        code = "import awscli, botocore; print(awscli.__path__[0]); print(botocore.__path__[0])"
        for folder in cost_of([*first[2:].split(), "-c", code], ROOT).out.split():
            compile_and_check(Path(folder))
    return found
