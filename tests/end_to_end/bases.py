"""The base rows a migration left in its state."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from poolshift.state.opening import open_store


def read_bases(
    folder: Path,
    ids: Mapping[str, str],
    settings: Mapping[str, Any] = {},
    environ: Mapping[str, str] = {},
    backend: str = "sqlite",
) -> Mapping[str, Any]:
    """Every base row without its destination id, which has to be that of the person's record in ``ids``."""
    store = open_store(folder, "people", settings, environ, write=False, backend=backend)
    try:
        assert store.open_windows() == []
        found = {}
        for base in store.people():
            assert base.destination_id == ids[base.source_id]
            elements = {key: (own.desired, own.actual) for key, own in base.elements.items()}
            found[base.source_id] = (base.rule_set, base.quiet, base.handover, base.fields, elements)
        shared = {address: (base.rule_set, base.fields) for address, base in store.shared().items()}
        return {"people": found, "shared": shared}
    finally:
        store.close()
