"""python -m tests.servers.cognito --people 100000: a server to try things against, until interrupted."""

import argparse
import signal
import sys
import time

from tests.servers.cognito.invented import groups, records
from tests.servers.cognito.server import CognitoServer


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers.cognito", description=__doc__)
    parser.add_argument("--people", type=int, default=0, help="how many invented people the pool holds")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever starts us in the background has it ignored
    with CognitoServer(port=arguments.port) as server:
        began = time.monotonic()
        people = list(records(arguments.people))
        server.seed(people, groups(people))
        sys.stderr.write(f"{len(people)} people in {time.monotonic() - began:.1f} s\n")
        try:
            sys.stdout.write(f"{server.url} {server.pool_id}\n")
            sys.stdout.flush()
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
