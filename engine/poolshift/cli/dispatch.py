"""Finds the command, runs it, and turns whatever it raises into diagnostics and an exit code."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine
    from poolshift.errors import PoolshiftError

COMMANDS: Final = {
    "init": "write a commented migration.yaml to start from",
    "validate": "check a spec, offline",
    "doctor": "look at both ends, the state and the key before the first plan; writes nothing",
    "plan": "compute what would be done; writes nothing to the destination",
    "show": "show a plan file",
    "explain": "tell why one person is planned as it is",
    "apply": "carry out a plan",
    "verify": "compare the destination with what the source says",
    "drift": "show what changed at the destination since the last apply",
    "status": "show the state, plans and runs of a migration",
    "report": "show what a run did",
    "recover": "settle what an interrupted run left open, or say who has to",
    "resolve": "decide a conflict: keep the source's or the destination's value",
    "export-ids": "print pairs of source id and destination id",
    "state": "look into the state: list, show",
    "schema": "print a JSON Schema: of the spec, of plans, of reports",
    "providers": "list, show or test the installed providers",
}


class Command(Protocol):
    """A module of this package."""

    def arguments(self, parser: "ArgumentParser") -> None: ...

    def run(self, args: "Namespace", engine: "Engine", console: "Console") -> int: ...


def dispatch(argv: Sequence[str] | None, engine: "Engine | None") -> int:
    """Run the command line and return its exit code; never raises but for a signal."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] in {"-h", "--help"}:
        sys.stdout.write(overview())
        return 0
    if words and words[0] == "--version":
        sys.stdout.write(f"poolshift {_version()}\n")
        return 0
    try:
        return _run(words, engine)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    except BaseException as error:  # noqa: BLE001 - every exception ends in a report and an exit code
        from poolshift.cli.failure import report

        return report(error, sys.stderr)


def overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {what}" for name, what in COMMANDS.items()]
    return "\n".join(
        [
            "usage: poolshift COMMAND …",
            "",
            "Terraform for user migrations: plan, review, apply, again tomorrow.",
            "",
            *lines,
            "",
            "poolshift COMMAND --help tells more. Exit codes: 0 done, 2 changes or differences, 4 open conflicts,",
            "5 partly done, 6 over a limit, 7 plan unusable, 8 locked, 9 no access, 10 provider down, 11 state,",
            "12 needs a person, 13 interrupted, 64 usage, 65 spec or input, 1 a bug of ours.",
            "",
        ]
    )


def _run(words: Sequence[str], engine: "Engine | None") -> int:
    if not words or words[0] not in COMMANDS:
        raise _no_command(words)
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine
    from poolshift.cli.parser import Parser

    name = words[0]
    command: Command = import_module(f"poolshift.cli.{name.replace('-', '_')}")
    parser = Parser(prog=f"poolshift {name}", description=COMMANDS[name][0].upper() + COMMANDS[name][1:] + ".")
    command.arguments(parser)
    args = parser.parse_args(words[1:])
    with Console(sys.stdout, sys.stderr) as console:
        return command.run(args, engine or Engine(), console)


def _no_command(words: Sequence[str]) -> "PoolshiftError":
    from poolshift.errors import UsageError

    if not words:
        return UsageError.of("USAGE", "no command was given", "poolshift --help lists them.")
    from difflib import get_close_matches

    near = get_close_matches(words[0], COMMANDS, 1)
    hint = f"Did you mean {near[0]}? " if near else ""
    return UsageError.of("USAGE", f"there is no command {words[0]}", f"{hint}poolshift --help lists them.")


def _version() -> str:
    from importlib.metadata import version

    return version("poolshift")
