"""Links between documents lead somewhere, and no document tells about the machine it was written on."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.docs.document import DOCUMENTS, ROOT, shown, without_code

_LINK: Final = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_HEADING: Final = re.compile(r"^#{1,6} (.+?)\s*$", re.MULTILINE)
_MACHINE: Final = re.compile(r"(?<![\w.:/…~-])/(?:work|home|root|Users|tmp|private|mnt|opt)\b")
_ADDRESS: Final = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")


def anchors(text: str) -> set[str]:
    """The fragments GitHub makes of the headings."""
    titles = (re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in _HEADING.findall(text))
    return set(titles)


def broken(path: Path, root: Path) -> list[str]:
    """Relative links of a document that lead out of ``root``, to no file, or to no heading."""
    found = []
    for link in _LINK.findall(without_code(path.read_text("utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, fragment = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if (
            not target.exists()
            or not target.is_relative_to(root)
            or (fragment and target.suffix == ".md" and fragment not in anchors(target.read_text("utf-8")))
        ):
            found.append(link)
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_links_resolve(path: Path) -> None:
    """Every relative link names a file of the repository, and a heading that is there."""
    assert broken(path, ROOT) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    """A missing file and a missing heading are both told."""
    page = tmp_path / "page.md"
    page.write_text("# Page\n[a](nowhere.md) [b](#page) [c](#nothing) `[d](code.md)`\n", "utf-8")
    assert broken(page, tmp_path) == ["nowhere.md", "#nothing"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_no_document_names_a_path_of_a_machine(path: Path) -> None:
    """Absolute paths under home or scratch folders mean nothing to a reader."""
    assert _MACHINE.findall(path.read_text("utf-8")) == []


def test_a_path_of_a_machine_is_found() -> None:
    """The pattern takes absolute paths, not the tails of relative ones."""
    assert _MACHINE.search("see /home/me/shop")
    assert not _MACHINE.search("see plans/demo/work and ~/work")


@pytest.mark.parametrize("path", DOCUMENTS, ids=shown)
def test_addresses_are_invented(path: Path) -> None:
    """E-mail addresses in documents are of example.com or example.org."""
    domains = set(_ADDRESS.findall(path.read_text("utf-8")))
    assert domains <= {"example.com", "example.org"}
