"""What a schema says its canonical forms do to ASCII text is what they do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolshift.provider.discovery import Installed
from poolshift.provider.schema import FieldSchema

INSTALLED = Installed()


def _declared(case_fold: bool) -> list[tuple[str, FieldSchema]]:
    """Every field of the directory that declares it, by kind and path."""
    provider = INSTALLED.get("directory")
    settings = provider.settings(path="people.directory", case_fold=case_fold)
    return [
        (f"{kind}.{path}", field)
        for kind, own in provider.documented(settings).kinds.items()
        for path, field in own.fields.items()
        if field.on_ascii is not None
    ]


@pytest.mark.parametrize("case_fold", [True, False])
@given(text=st.text(st.characters(max_codepoint=127)))
def test_ascii_text_becomes_what_the_schema_says(case_fold: bool, text: str) -> None:
    """The engine's short cut and the canonical form agree on every ASCII text, of every field that allows it."""
    declared = _declared(case_fold)
    assert {field.on_ascii for _, field in declared} == ({"same", "lower"} if case_fold else {"same"})
    for name, field in declared:
        assert field.canonical(text) == (text.lower() if field.on_ascii == "lower" else text), name
