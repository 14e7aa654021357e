"""Starts, restarts and stops Debian's PostgreSQL as an unprivileged user."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import psycopg

from tests.servers.foreign import installed

_USERS: Final = ("postgres", "nobody")
_OPTIONS: Final = (
    "-c listen_addresses='' -c fsync=off -c max_connections=60 -c autovacuum=off -c log_min_messages=fatal"
)


class Postgres:
    """A server with one user, ``poolshift``, whose password is as good as any: the socket lets everybody in."""

    def __init__(self) -> None:
        self._bin = installed("postgres") / "bin"
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has 107 bytes
        self._data = self._folder / "data"
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:  # the server refuses to run as root
            names = {entry.pw_name: entry for entry in pwd.getpwall()}
            user = next(names[name] for name in _USERS if name in names)
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def __enter__(self) -> Self:
        self._run("initdb", "--no-sync", "--auth=trust", "--username=poolshift", "--encoding=UTF8", "--locale=C")
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def start(self) -> None:
        options = f"-k {self._folder} {_OPTIONS}"
        self._run("pg_ctl", "--wait", f"--log={self._folder}/log", f"--options={options}", "start")

    def stop(self) -> None:
        """At once: what was under way is lost with its connection, what was committed is not."""
        self._run("pg_ctl", "--wait", "--mode=immediate", "stop")

    def url(self, database: str = "postgres", password: str = "") -> str:
        who = f"poolshift:{password}" if password else "poolshift"
        return f"postgresql://{who}@/{database}?host={self._folder}"

    def database(self, template: str = "template1") -> str:
        """The url of a new database: empty, or a copy of one that nobody uses."""
        name = f"test_{secrets.token_hex(4)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy".encode())
        return self.url(name)

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._bin / program), "--pgdata", str(self._data), *words]
        # Nothing of the server may keep a pipe of ours open.
        with open(self._folder.with_suffix(".out"), "w+b") as told:
            ran = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=told, stderr=told, cwd="/", **self._as)
            told.seek(0)
            said = told.read().decode(errors="replace")
        self._folder.with_suffix(".out").unlink()
        if ran.returncode:
            raise RuntimeError(f"{program} failed: {said[-2000:]}")
