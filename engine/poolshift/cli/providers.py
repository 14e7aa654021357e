"""`poolshift providers list`, `show NAME`, `test NAME`: what is installed, what it can do, and whether it does."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from poolshift.cli import options
from poolshift.errors import UsageError

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine

WORLDS: Final = "poolshift.worlds"
"""Entry points by provider name: what makes a world for the laws, from a folder and settings."""


def arguments(parser: ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="list|show|test", required=True)
    listing = verbs.add_parser("list", help="name, version and ends of every installed provider")
    options.form(listing, "text", "json")
    showing = verbs.add_parser("show", help="kinds, fields, keys, ways to write, quotas, and what is not there")
    showing.add_argument("name", metavar="NAME")
    options.form(showing)
    testing = verbs.add_parser("test", help="try the laws of the provider contract on it")
    testing.add_argument("name", metavar="NAME")
    testing.add_argument("--settings", metavar="FILE", type=Path, help="YAML of settings for the world it is tried on")
    testing.add_argument("--path", type=Path, help="a test file to run instead of the world its package offers")


def run(args: Namespace, engine: Engine, console: Console) -> int:
    if args.verb == "show":
        return _show(args, engine, console)
    if args.verb == "test":
        return _test(args, engine)
    return _list(args, engine, console)


def _list(args: Namespace, engine: Engine, console: Console) -> int:
    installed = engine.installed()
    names = sorted({*installed.names("source"), *installed.names("destination")})
    providers = [installed.get(name) for name in names]
    if args.form == "json":
        from poolshift.render import json

        rows = [{"name": one.name, "version": one.version, "ends": sorted(one.ends)} for one in providers]
        console.write(json.text({"format_version": "1.0", "providers": rows}))
        return 0
    width = max(map(len, names), default=0)
    for one in providers:
        console.line(f"{one.name:<{width}}  {one.version:<8}  {', '.join(sorted(one.ends, reverse=True))}")
    return 0


def _show(args: Namespace, engine: Engine, console: Console) -> int:
    from poolshift.provider.examples import documented
    from poolshift.render.provider import provider_document, provider_page

    provider = engine.installed().get(args.name)
    document = provider_document(provider, documented(provider), provider.settings.model_json_schema())
    console.show(document, provider_page, args.form)
    return 0


def _test(args: Namespace, engine: Engine) -> int:
    """0 if every law that applies holds, else 1; pytest prints which does not, and why."""
    import os
    import subprocess
    import sys
    from importlib.util import find_spec
    from tempfile import TemporaryDirectory

    engine.installed().get(args.name)
    missing = [name for name in ("pytest", "hypothesis") if find_spec(name) is None]
    if missing:
        why = f"the laws need {' and '.join(missing)}"
        raise UsageError.of("TESTING_MISSING", why, "Install poolshift[testing].")
    laws = args.path or Path(__file__).parent.parent / "testing" / "of_installed.py"
    if not args.path:
        _must_have_world(args.name)
    if not laws.exists():
        raise UsageError.of("TESTING_PATH", "there is no such test file", "Check --path.")
    with TemporaryDirectory(prefix="poolshift-laws-") as folder:
        ini = Path(folder) / "pytest.ini"
        ini.write_text("[pytest]\n", "utf-8")
        environ = {**os.environ, "POOLSHIFT_TRIED": args.name, "POOLSHIFT_TRIED_SETTINGS": _absolute(args.settings)}
        words = ["-q", "-rs", "-p", "no:cacheprovider", *([] if args.path else ["-c", str(ini)])]
        ended = subprocess.run([sys.executable, "-m", "pytest", *words, str(laws)], env=environ, check=False)
    return int(ended.returncode != 0)


def _absolute(settings: Path | None) -> str:
    if settings is None:
        return ""
    if not settings.is_file():
        raise UsageError.of("TESTING_SETTINGS", "there is no such file of settings", "Check --settings.")
    return str(settings.absolute())


def _must_have_world(name: str) -> None:
    from importlib.metadata import entry_points

    if not entry_points(group=WORLDS, name=name):
        why = f"the package of {name} offers no world to try it on"
        remedy = f"Add an entry point {name} in the group {WORLDS}, or name its test file with --path."
        raise UsageError.of("TESTING_WORLD", why, remedy)
