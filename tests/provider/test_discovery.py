"""Providers are found by entry point, one at a time."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from poolshift.errors import InputError
from poolshift.provider.discovery import GROUP, Installed
from poolshift.spec.catalogue import Catalogue

CODE = "import sys; from tests.provider.test_discovery import first_party; "


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def first_party() -> Installed:
    names = ("cognito_export", "directory")
    return Installed([point(name, f"poolshift_providers.{name}:PROVIDER") for name in names])


class OtherContract:
    contract = 2


OTHER = OtherContract()


def test_the_catalogue_names_the_ends_a_provider_can_be() -> None:
    """An export is no destination; a directory is both."""
    catalogue: Catalogue = first_party()
    assert catalogue.names("source") == ("cognito_export", "directory")
    assert catalogue.names("destination") == ("directory",)


def test_the_catalogue_gives_settings_schema_and_hooks() -> None:
    """What the spec asks of a provider comes from that provider."""
    catalogue = first_party()
    settings = catalogue.settings("directory")(path="people.db")
    assert "user" in catalogue.schema("directory", settings).kinds
    assert catalogue.hooks("directory") == {}


def test_loading_one_provider_imports_no_other() -> None:
    """A broken or slow provider costs nothing to those who use another one."""
    script = CODE + "first_party().get('directory'); print([m for m in sys.modules if 'cognito_export' in m])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_loading_a_provider_imports_no_session_of_it() -> None:
    """The entry point is light: readers, writers and settings models wait until they are asked for."""
    script = CODE + (
        "c = first_party(); c.get('directory'); c.get('cognito_export');"
        "print(sorted(m for m in sys.modules if m.startswith('poolshift_providers.')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    expected = [f"poolshift_providers.{n}{m}" for n in ("cognito_export", "directory") for m in ("", ".provider")]
    assert done.stdout.strip() == str(expected)


def test_an_unknown_provider_is_told_what_there_is() -> None:
    """A misspelt name gets a suggestion and the list."""
    with pytest.raises(InputError, match=r"(?s)PROVIDER_UNKNOWN.*Did you mean directory\?.*cognito_export, directory"):
        first_party().get("diretory")


def test_a_provider_that_cannot_be_imported_says_why_and_hides_no_other() -> None:
    """The reason of the failed import is in the error; the others are still offered."""
    installed = Installed(
        [
            point("broken", "poolshift_providers.absent:PROVIDER"),
            point("directory", "poolshift_providers.directory:PROVIDER"),
        ]
    )
    with pytest.raises(InputError, match=r"PROVIDER_BROKEN.*poolshift_providers\.absent.*ModuleNotFoundError"):
        installed.get("broken")
    assert installed.names("destination") == ("directory",)


def test_a_provider_of_another_contract_is_refused() -> None:
    """A provider written for a later contract is not half-understood."""
    with pytest.raises(InputError, match=r"PROVIDER_CONTRACT.*speaks contract 2"):
        Installed([point("other", "tests.provider.test_discovery:OTHER")]).get("other")


def test_a_name_offered_twice_is_refused_unless_it_is_the_same_object() -> None:
    """Which of two packages answers must not depend on the order of installation."""
    mine = point("directory", "poolshift_providers.directory:PROVIDER")
    assert Installed([mine, mine]).get("directory").name == "directory"
    with pytest.raises(InputError, match="PROVIDER_TWICE"):
        Installed([mine, point("directory", "tests.provider.test_discovery:OTHER")]).get("directory")
