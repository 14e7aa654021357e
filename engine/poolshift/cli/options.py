"""Options that several commands share, and how their values are read."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeVar

from poolshift.errors import UsageError

T = TypeVar("T")

LIMITS: Final = (
    "delete",
    "disable",
    "update",
    "adopt",
    "remove_membership",
    "login_change",
    "privilege_grants",
    "messages",
)
"""Names of `--accept`; a test keeps them equal to the spec's `limits`."""


def spec(parser: ArgumentParser) -> None:
    parser.add_argument("spec", metavar="SPEC", type=Path, help="the migration's YAML file")
    variables(parser)


def variables(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--var",
        metavar="NAME=VALUE",
        dest="variables",
        action="append",
        default=[],
        type=_variable,
        help="a value of the spec's vars; repeatable",
    )
    parser.add_argument(
        "--vars",
        metavar="FILE",
        dest="variable_files",
        action="append",
        default=[],
        type=Path,
        help="a YAML file of such values; repeatable, --var wins",
    )


def form(parser: ArgumentParser, *forms: str) -> None:
    choices = forms or ("text", "json", "markdown")
    parser.add_argument("--format", dest="form", choices=choices, default=choices[0], help="default: %(default)s")


def accept(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--accept",
        metavar="NAME=N",
        dest="accepted",
        action="append",
        default=[],
        type=_accepted,
        help="lift a limit to exactly N, the planned count; repeatable",
    )


def detailed_exit_code(parser: ArgumentParser, meaning: str) -> None:
    parser.add_argument("--detailed-exitcode", dest="detailed", action="store_true", help=meaning)


def once(pairs: Sequence[tuple[str, T]], option: str) -> dict[str, T]:
    """Pairs as a mapping. Raises UsageError for a name that was given twice."""
    found: dict[str, T] = {}
    for name, value in pairs:
        if name in found:
            raise UsageError.of("USAGE", f"{option} {name} was given twice", "Give it once.")
        found[name] = value
    return found


def _variable(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not name or not equals:
        raise ArgumentTypeError("expected NAME=VALUE")
    return name, value


def _accepted(word: str) -> tuple[str, int]:
    name, _, count = word.partition("=")
    if name not in LIMITS:
        raise ArgumentTypeError(f"no limit is called {name}; there are {', '.join(LIMITS)}")
    if not (count.isascii() and count.isdigit()):
        raise ArgumentTypeError(f"expected {name}=N, the exact planned count")
    return name, int(count)
