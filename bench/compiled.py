"""Asserts that sources are compiled: without .pyc files every process of a comparison compiles them again."""

import compileall
from importlib.util import cache_from_source
from pathlib import Path

from bench.process import Failed


def compile_and_check(folder: Path) -> int:
    """Compile what is stale and assert that each source has its .pyc; the number of sources. Raises Failed."""
    compileall.compile_dir(folder, quiet=2)
    sources = [path for path in folder.rglob("*.py") if path.stat().st_size]
    missing = [path for path in sources if not Path(cache_from_source(str(path))).is_file()]
    if missing or not sources:
        raise Failed(f"{len(missing)} of {len(sources)} sources below {folder.name} have no .pyc file")
    return len(sources)
