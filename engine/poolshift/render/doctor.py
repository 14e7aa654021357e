"""What `doctor` found, laid out: what is wrong first, then all that was looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from poolshift.render.page import Block, Detail, Heading, Page, Table, Tone
from poolshift.render.wording import counted, visible

_TONES: Final[Mapping[str, Tone]] = {"error": "danger", "warning": "warn", "ok": ""}


def doctor_page(document: Mapping[str, Any], detail: Detail) -> Page:
    findings = document["findings"]
    errors = sum(one["severity"] == "error" for one in findings)
    warnings = sum(one["severity"] == "warning" for one in findings)
    title = f"{visible(document['migration'])}: {counted(errors, 'error')}, {counted(warnings, 'warning')}"
    tone: Tone = "danger" if errors else "warn" if warnings else "good"
    return Page(title, tone, list(_blocks(findings)))


def _blocks(findings: list[Mapping[str, str]]) -> Iterator[Block]:
    wrong = [one for one in findings if one["severity"] != "ok"]
    fine = [one for one in findings if one["severity"] == "ok"]
    if wrong:
        wrong.sort(key=lambda one: one["severity"] != "error")
        rows = [
            (one["where"], one["severity"], one["code"], visible(one["what"]), visible(one["remedy"])) for one in wrong
        ]
        yield Table(("where", "", "code", "what", "what to do"), rows, tones=[_TONES[one["severity"]] for one in wrong])
    if fine:
        yield Heading("In order")
        yield Table(("where", "what"), [(one["where"], visible(one["what"])) for one in fine])
