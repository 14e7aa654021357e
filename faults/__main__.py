"""``python -m faults --only kill,race --scale 0.25``: injects faults, tells, writes docs/reliability.md."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from faults import calls, fuzz, kill, race, report, suspended
from faults.options import Options
from faults.section import Section

GROUPS: Final[Mapping[str, Callable[[Options], Section]]] = {
    "calls": calls.measure,
    "kill": kill.measure,
    "race": race.measure,
    "suspended": suspended.measure,
    "fuzz": fuzz.measure,
}


def main(words: Sequence[str] | None = None) -> int:
    """0 when nobody was lost, doubled or mailed and every exit code was right; 1 otherwise."""
    parser = _parser()
    args = parser.parse_args(words)
    names = args.only.split(",") if args.only else list(GROUPS)
    if unknown := set(names) - GROUPS.keys():
        parser.error(f"no group is called {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    troubles = 0
    with tempfile.TemporaryDirectory(prefix="faults-", dir=args.work) as folder:
        options = Options(args.scale, args.seed, Path(folder), args.lanes, report.commit())
        for name in names:
            began = time.monotonic()
            section = GROUPS[name](options)
            troubles += len(section.troubles)
            sys.stdout.write(f"{name}, {time.monotonic() - began:.0f} s\n{report.told(section)}\n")
            sys.stdout.flush()
            if args.out:  # a run that is cut off keeps what it measured
                report.write({name: section}, options, Path(args.out))
    return 1 if troubles else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__, allow_abbrev=False)
    parser.add_argument("--only", default="", help=f"of {','.join(GROUPS)}")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full numbers")
    parser.add_argument("--seed", type=int, default=20261201, help="what is drawn: where faults and deaths come")
    parser.add_argument("--lanes", type=int, default=3, help="cases at once")
    parser.add_argument("--work", default=None, help="where migrations are built")
    parser.add_argument("--out", default=str(report.REPORT), help="the report; an empty word writes none")
    return parser


if __name__ == "__main__":
    sys.exit(main())
