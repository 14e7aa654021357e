"""The comparison itself: it lets pass what is volatile or skipped, and nothing else."""

from pathlib import Path

import pytest

from tests.docs.document import Command, commands
from tests.docs.transcript import differences, matches, run
from tests.docs.volatile import steady

PATH = "/usr/bin:/bin"


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("done", "done", True),
        ("done", "done, or not", False),
        ("done", "", False),
        ("", "surprise", False),
        ("12 changes", "13 changes", False),
        ("first\n…\nlast", "first\nsecond\nthird\nlast", True),
        ("first\n…\nlast", "first\nlast", True),
        ("first\n…", "second\nthird", False),
        ("valid until …", "valid until tomorrow", True),
        ("valid … tomorrow", "valid until today", False),
    ],
)
def test_only_skipped_parts_may_differ(expected: str, printed: str, same: bool) -> None:
    """An ellipsis stands for lines or for text in a line; everything else is compared."""
    assert matches(expected, printed) is same


def test_volatile_parts_are_equal_whatever_they_are() -> None:
    """Ids, times, durations and tokens of two runs become the same text; counts do not."""
    one = "plan 10f9171d1b3f of 2026-11-21T09:04:09Z in 0.4s, ps1.abc-_1.def"
    other = "plan 7f3a9c21d0b4 of 2027-01-02T10:00:00Z in 12s, ps1.xyz.uvw"
    assert steady(one) == steady(other)
    assert steady("340 changes") != steady("341 changes")


def test_commands_share_a_shell_and_are_compared_one_by_one(tmp_path: Path) -> None:
    """Folder, variables and exit code carry over to the next command; a wrong line and a silent failure are told."""
    text = """
```console
$ mkdir shop && cd shop
$ NAME=shop
$ pwd | sed 's|.*/||'; echo "$NAME"
shop
wrong
$ false
$ cat <<'END'
> several
> lines
> END
several
lines
$ (exit 7)
$ echo $?
7
```
"""
    found = list(differences(run(commands(text), tmp_path, PATH), tmp_path))
    assert [line.partition(":")[0] for line in found] == ["line 5", "line 8"]
    assert "exit code 1" in found[1]


def test_other_blocks_are_not_run() -> None:
    """Only blocks marked console hold commands, and a continued command is one command."""
    text = "```sh\n$ rm -rf shop\n```\n```console\n$ echo a \\\n> b\na b\n```\n"
    assert commands(text) == [Command("echo a \\\nb", ("a b",), 5)]


def test_output_needs_a_command() -> None:
    """A block that begins with output would be compared with nothing."""
    with pytest.raises(ValueError, match="line 2"):
        commands("```console\nvalid.\n```\n")
