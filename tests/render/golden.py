"""The cases: a document each, with the text and the Markdown it must become.

``python -m tests.render.golden`` writes the expected files anew; read the difference before you commit it.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from poolshift.render import markdown, terminal
from poolshift.render.drift import drift_page
from poolshift.render.next_step import Kept
from poolshift.render.page import FULL, Detail, Page
from poolshift.render.plan import plan_page
from poolshift.render.recovery import recovery_page
from poolshift.render.report import report_page
from poolshift.render.status import status_page
from poolshift.render.story import story_page
from poolshift.render.verify import verify_page

CASES = Path(__file__).parent / "cases"
NAMES = tuple(path.stem for path in sorted(CASES.glob("*.json")))

View = Callable[[Any, Detail], Page]


def _kept_plan(document: Any, detail: Detail) -> Page:
    return plan_page(document, detail, Kept("m.plan"))


VIEWS: Mapping[str, View] = {
    "plan": _kept_plan,
    "explain": story_page,
    "verify": verify_page,
    "drift": drift_page,
    "status": status_page,
    "report": report_page,
    "recovery": recovery_page,
}


def view_of(name: str) -> View:
    return VIEWS[name.partition("-")[0]]


def document_of(name: str) -> Any:
    return json.loads((CASES / f"{name}.json").read_text("utf-8"))


def text_of(name: str) -> str:
    return terminal.text(view_of(name)(document_of(name), FULL))


def markdown_of(name: str) -> str:
    return markdown.text(lambda detail: view_of(name)(document_of(name), detail))


def write() -> None:
    for name in NAMES:
        (CASES / f"{name}.txt").write_text(text_of(name), "utf-8")
        (CASES / f"{name}.md").write_text(markdown_of(name), "utf-8")


if __name__ == "__main__":
    write()
