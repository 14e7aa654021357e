"""argparse with our exit code: whatever is wrong with a command line is exit 64, before anything is read."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Any, NoReturn

from poolshift.errors import PoolshiftError, UsageError


class Parser(ArgumentParser):
    """Options are spelled out in full; an unknown one is an error and its value is not repeated."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **{"allow_abbrev": False, **keywords})

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Namespace:  # type: ignore[override]
        found: Namespace
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            raise self._unknown(unknown)
        return found

    def error(self, message: str) -> NoReturn:
        raise UsageError.of("USAGE", f"{self.prog}: {message}", f"{self.prog} --help tells more.")

    def _unknown(self, words: Sequence[str]) -> PoolshiftError:
        from difflib import get_close_matches

        options = [word.partition("=")[0] for word in words if word.startswith("-")]
        if not options:
            return UsageError.of(
                "USAGE", f"{self.prog}: {len(words)} words too many", f"{self.prog} --help tells more."
            )
        near = get_close_matches(options[0], self._option_string_actions, 1)
        hint = f"Did you mean {near[0]}? " if near else ""
        return UsageError.of(
            "USAGE", f"{self.prog}: unknown option {', '.join(options)}", f"{hint}{self.prog} --help tells more."
        )
