"""The command a reader types next, complete, with every `--accept` the limits ask for."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from poolshift.render.attention import accept, needs_accept
from poolshift.render.page import Block, Command, Heading, Line
from poolshift.render.wording import code, printable

if TYPE_CHECKING:
    from poolshift.render.documents import PlanDocument

_TOKEN_SHOWN: Final = 8_000
"""A token holds a ceiling per class; a longer one is not worth a comment's budget."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Paths as the reader would type them. ``plan``: None = it was only printed; ``spec``: None = as the plan says."""

    plan: str | None = None
    spec: str | None = None


NOWHERE: Final = Kept()


def blocks(document: PlanDocument, kept: Kept) -> Iterator[Block]:
    commands = [*_resolve(document, kept), *_apply(document, kept)]
    if commands:
        yield Heading("Next")
        yield from commands


def _apply(document: PlanDocument, kept: Kept) -> Iterator[Block]:
    if not document["verdict"]["changes"] or document["plan"]["status"] == "closed":
        return
    accepted = "".join(f" {accept(row)}" for row in document["limits"] if needs_accept(row))
    spec = _spec(document, kept)
    token = document["approval"]["token"]
    if kept.plan is not None:
        yield Command(f"poolshift apply {quoted(kept.plan)}{accepted}")
    if token and len(token) <= _TOKEN_SHOWN:
        note = "plans again, and refuses what exceeds this plan"
        yield Command(f"poolshift apply {spec} --approve {printable(token)}{accepted}", note)
    elif token:
        yield Line(f"The approval token is too long to be shown here; {code('--format json')} has it.", "quiet")
    elif kept.plan is None:
        yield Command(f"poolshift plan {spec} --out FILE{accepted}", "keeps the plan, so that it can be applied")


def _resolve(document: PlanDocument, kept: Kept) -> Iterator[Block]:
    """Only fields have two sides to choose from; who a record is, is settled at an end."""
    for row in document["classes"]:
        words = [sample["address"] for sample in row["samples"][:1]] + row["fields"][:1]
        if row["action"] == "conflict" and len(words) == 2 and all(map(_typable, words)):
            target = f"{quoted(words[0])} --field {quoted(words[1])}"
            yield Command(f"poolshift resolve {_spec(document, kept)} {target} --keep source", "or --keep destination")
            return


def _spec(document: PlanDocument, kept: Kept) -> str:
    return quoted(document["spec"]["file"] if kept.spec is None else kept.spec)


def _typable(word: str) -> bool:
    """Spelled-out characters would make another word of it."""
    return printable(word) == word


def quoted(word: str) -> str:
    """One word for a POSIX shell, printable."""
    return shlex.quote(printable(word))
