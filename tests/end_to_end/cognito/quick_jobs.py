"""The command line with import jobs that are looked at more often than anybody should: ``quick_jobs.py WORDS…``."""

import sys

from poolshift.cli import main
from poolshift_providers.cognito import import_job, schema

if __name__ == "__main__":
    import_job.SOON = import_job.POLL = 0.05
    schema.LAG = 0.2  # type: ignore[misc]
    raise SystemExit(main(sys.argv[1:]))
