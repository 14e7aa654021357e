"""A Keycloak server to start and stop."""

import os
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from tests.servers.ports import free_port

ADMIN: Final = "admin"
_SECONDS: Final = 180.0
_HEAP: Final = "-Xms128m -Xmx448m -XX:MaxMetaspaceSize=256m"


class KeycloakServer:
    """With a database in memory, on free ports of 127.0.0.1; the password of ADMIN in realm master is ADMIN.

    home: the folder of the installed server, built already.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._port = free_port()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def __enter__(self) -> Self:
        words = ["start", "--optimized", "--http-enabled=true", "--hostname-strict=false", "--http-host=127.0.0.1"]
        words += [f"--http-port={self._port}", "--http-management-host=127.0.0.1"]
        words += [f"--http-management-port={free_port()}"]
        environ = {"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": ADMIN}
        self._process = subprocess.Popen(
            [self._home / "bin" / "kc.sh", *words],
            env={**os.environ, **environ, "JAVA_OPTS_KC_HEAP": _HEAP},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            self._await()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """The JVM and whatever started it."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # nothing of it is to be kept
            self._process.wait()
        self._log.close()

    def _await(self) -> None:
        end = time.monotonic() + _SECONDS
        while not self._answers():
            if not self.is_running or time.monotonic() > end:
                raise RuntimeError(f"Keycloak did not start: {self.log[-2000:]}")
            time.sleep(0.25)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/realms/master/.well-known/openid-configuration").status_code == 200
        except httpx.HTTPError:
            return False
