"""``python -m bench --people 1000000 --rounds 5 --only plan,mapping``: measures, tells, writes docs/benchmarks.md."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import bench.measures.apply
import bench.measures.auth0
import bench.measures.keycloak
import bench.measures.mapping
import bench.measures.plan
import bench.measures.state
import bench.measures.summary
from bench import report
from bench.compiled import compile_and_check
from bench.figure import Figure
from bench.options import Options
from bench.process import ROOT, Failed

MEASURES: Final[Mapping[str, Callable[[Options], Iterator[Figure]]]] = {
    "mapping": bench.measures.mapping.measure,
    "summary": bench.measures.summary.measure,
    "state": bench.measures.state.measure,
    "plan": bench.measures.plan.measure,
    "apply": bench.measures.apply.measure,
    "keycloak": bench.measures.keycloak.measure,
    "auth0": bench.measures.auth0.measure,
}


def main(words: Sequence[str] | None = None) -> int:
    """Exit code 0 when every side did its work, whether or not the goals were met; 1 otherwise."""
    parser = _parser()
    args = parser.parse_args(words)
    names = args.only.split(",") if args.only else list(MEASURES)
    if unknown := set(names) - MEASURES.keys():
        parser.error(f"no measure is called {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    for folder in ("engine", "providers", "bench"):
        compile_and_check(ROOT / folder)
    measured = {name: report.Measured() for name in names}
    with tempfile.TemporaryDirectory(prefix="bench-", dir=args.work) as folder:
        options = Options(args.people, args.rounds, Path(folder), args.seconds)
        for name in names:
            try:
                for figure in MEASURES[name](options):
                    measured[name].figures.append(figure)
                    sys.stdout.write(f"{figure.told()}\n")
                    sys.stdout.flush()
            except Failed as error:
                measured[name].failed = str(error)
                sys.stdout.write(f"{name}: FAILED: {error}\n")
    if args.out:
        report.write(measured, options, Path(args.out))
    return int(any(own.failed for own in measured.values()))


def _parser() -> argparse.ArgumentParser:
    get = os.environ.get
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, allow_abbrev=False)
    parser.add_argument("--people", type=int, default=int(get("BENCH_PEOPLE", "1000000")), help="a multiple of 2,000")
    parser.add_argument("--rounds", type=int, default=int(get("BENCH_ROUNDS", "5")))
    parser.add_argument("--only", default=get("BENCH_ONLY", ""), help=f"of {','.join(MEASURES)}")
    parser.add_argument("--seconds", type=float, default=60.0, help="least length of the paced apply")
    parser.add_argument("--work", default=None, help="where migrations are built: 8 GB for 1,000,000 people")
    parser.add_argument("--out", default=str(report.REPORT), help="the report; an empty word writes none")
    return parser


if __name__ == "__main__":
    sys.exit(main())
