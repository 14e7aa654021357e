"""The digest is of what a spec means: not of how it is laid out, where it lies, or what its secrets are."""

import shutil
from pathlib import Path

import pytest

from poolshift.spec.load import load
from poolshift.spec.model import Spec
from tests.spec.providers import Catalogue
from tests.spec.test_routes import ENVIRON, ROUTES

ROUTE = (ROUTES / "02b-auth0-organizations.yaml").read_text("utf-8")


def loaded(folder: Path, text: str, **environ: str) -> Spec:
    folder.mkdir(exist_ok=True)
    for table in ROUTES.glob("*.csv"):
        if not (folder / table.name).exists():
            shutil.copy(table, folder)
    (folder / "spec.yaml").write_text(text, "utf-8")
    return load(folder / "spec.yaml", Catalogue(), environ=ENVIRON | environ)


def test_comments_order_of_keys_and_folder_do_not_count(tmp_path: Path) -> None:
    """The sections upside down, without comments, elsewhere: the same digest."""
    lines = [line.partition(" #")[0].rstrip() for line in ROUTE.splitlines()]
    sections: list[list[str]] = []
    for line in lines:
        if line[:1].isalpha():
            sections.append([])
        sections[-1].append(line)
    turned = "\n".join("\n".join(section) for section in reversed(sections))
    assert loaded(tmp_path / "a", ROUTE).digest == loaded(tmp_path / "b", turned).digest


def test_short_and_long_forms_are_one(tmp_path: Path) -> None:
    """A field written as a text and as a mapping means the same."""
    short = ROUTE.replace("user_metadata.locale: {from: locale, mode: seed}", "user_metadata.locale: locale")
    long = ROUTE.replace("user_metadata.locale: {from: locale, mode: seed}", "user_metadata.locale: {from: locale}")
    assert short != long
    assert loaded(tmp_path / "a", short).digest == loaded(tmp_path / "b", long).digest


def test_the_value_of_a_secret_does_not_count_and_other_values_from_outside_do(tmp_path: Path) -> None:
    """A rotated secret leaves approvals valid; another client does not."""
    first = loaded(tmp_path / "a", ROUTE)
    rotated = loaded(tmp_path / "b", ROUTE, A0_SECRET="another-invented-secret")
    other = loaded(tmp_path / "c", ROUTE, A0_ID="another-client")
    assert first.digest == rotated.digest
    assert first.digest != other.digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("migration: acme-auth0-organizations", "migration: acme-other"),
        ("mode: seed", "mode: enforce"),
        ("{UNCONFIRMED: skip}", "{UNCONFIRMED: fail}"),
        ("{match: admins, as: role, name: administrators, privileged: true}, ", ""),
        ("60d", "61d"),
    ],
)
def test_what_a_spec_says_counts(old: str, new: str, tmp_path: Path) -> None:
    """Another word is another digest."""
    assert old in ROUTE
    assert loaded(tmp_path / "a", ROUTE).digest != loaded(tmp_path / "b", ROUTE.replace(old, new)).digest


def test_what_a_table_holds_counts(tmp_path: Path) -> None:
    """A changed row changes the table's digest and the spec's."""
    first = loaded(tmp_path, ROUTE)
    table = tmp_path / "tenants.csv"
    table.write_text(table.read_text("utf-8").replace("SmallCo", "Small Co"), "utf-8")
    second = loaded(tmp_path, ROUTE)
    assert first.tables["tenants"].digest != second.tables["tenants"].digest
    assert first.tables["active"].digest == second.tables["active"].digest
    assert first.digest != second.digest
