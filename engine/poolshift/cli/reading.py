"""From a command line to a spec, and to an open session on it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from poolshift.cli import options

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine
    from poolshift.planning.session import Session
    from poolshift.spec.model import Spec


def load(args: Namespace, engine: Engine, path: Path | None = None) -> Spec:
    """The spec the command line names, or ``path``. Raises InputError."""
    variables = options.once(args.variables, "--var")
    return engine.load(path or args.spec, variables, args.variable_files)


def load_and_warn(args: Namespace, engine: Engine, console: Console, path: Path | None = None) -> Spec:
    """The spec, with its warnings told. Keys whose execution comes later are refused when a session is opened."""
    spec = load(args, engine, path)
    console.warn(spec.warnings)
    return spec


@contextmanager
def session(args: Namespace, engine: Engine, console: Console) -> Iterator[Session]:
    """Read only, for commands that read both ends anew."""
    with engine.session(load_and_warn(args, engine, console), write=False) as opened:
        yield opened


@contextmanager
def state(args: Namespace, engine: Engine, *, write: bool = False) -> Iterator[Session]:
    """For commands that look at the state only; the spec's warnings are other commands' to tell."""
    with engine.session(load(args, engine), write=write) as opened:
        yield opened
