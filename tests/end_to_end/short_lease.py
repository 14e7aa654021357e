"""The command line with a lease of ``SECONDS``: ``short_lease.py SECONDS poolshift's words…``."""

import sys

from poolshift.cli import main
from poolshift.state import holding
from poolshift.state.lease import Terms

if __name__ == "__main__":
    seconds = float(sys.argv[1])
    holding.TERMS = Terms(lasts=seconds, beat=seconds / 8, margin=seconds / 8)
    raise SystemExit(main(sys.argv[2:]))
