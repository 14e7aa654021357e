"""A warm parent that forks a process for every command: what a death costs is the command alone, not its imports.

``python -m faults.nursery`` reads one order a line, and answers with the process's id, then with its exit code.
"""

import atexit
import gc
import json
import os
import signal
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any, Final

_WARM: Final = (
    "boto3",
    "botocore.httpsession",
    "faults.arming",
    "httpx",
    "poolshift.provider.http_calls",
    "poolshift_providers.auth0.reader",
    "poolshift_providers.auth0.writer",
    "poolshift_providers.keycloak.reader",
    "poolshift_providers.keycloak.writer",
    "poolshift_providers.ory.reader",
    "poolshift_providers.ory.writer",
    "poolshift.apply.migrate",
    "poolshift.cli.apply",
    "poolshift.cli.dispatch",
    "poolshift.cli.plan",
    "poolshift.mapping.mapper",
    "poolshift.planning.compute",
    "poolshift.provider.aws_calls",
    "poolshift.render.plan",
    "poolshift.render.report",
    "poolshift.state.postgres_place",
    "poolshift_providers.cognito.reader",
    "poolshift_providers.cognito.writer",
    "poolshift_providers.cognito_export.reader",
    "poolshift_providers.directory.writer",
)
_CRASHED: Final = 70


def main() -> int:
    for module in _WARM:
        import_module(module)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            os._exit(_carry_out(order))
        _tell({"pid": child})
        _, status, usage = os.wait4(child, 0)
        _tell({"code": os.waitstatus_to_exitcode(status), "cpu": usage.ru_utime + usage.ru_stime})
    return 0


def _tell(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _carry_out(order: dict[str, Any]) -> int:
    """In the child: the command in its folder, its output in files."""
    try:
        os.chdir(order["folder"])
        signal.signal(signal.SIGINT, signal.default_int_handler)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        os.environ.update(order.get("environ", {}))
        _prepare(order)
        sys.argv = ["poolshift", *order["words"]]
        code: int = import_module("poolshift.cli").main(order["words"])
        sys.stdout.flush()
        atexit._run_exitfuncs()
        return code
    except BaseException:  # noqa: BLE001 - a child must never fall into its parent's loop
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
        return _CRASHED


def _prepare(order: dict[str, Any]) -> None:
    arming = import_module("faults.arming")
    if "arm" in order:
        arming.arm(*order["arm"])
    if "lease" in order:
        arming.shorten(*order["lease"])
    if "count" in order:
        arming.count_into(Path(order["count"]))
    time.sleep(order.get("delay", 0.0))


if __name__ == "__main__":
    sys.exit(main())
