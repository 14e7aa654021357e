"""python -m tests.servers.auth0: a tenant to try things against, until interrupted. Prints its address."""

import argparse
import signal
import sys
import time

from tests.servers.auth0.server import Auth0Server


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers.auth0", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--limits", action="store_true", help="with the documented rate limits")
    parser.add_argument("--rows-a-second", type=float, default=0.0, help="how fast an import job is; 0: at once")
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever starts us in the background has it ignored
    with Auth0Server(port=arguments.port) as server:
        server.service.jobs.rows_a_second = arguments.rows_a_second or None
        if arguments.limits:
            server.limits.as_documented()
        tokens = server.service.tokens
        try:
            sys.stdout.write(f"{server.url} {tokens.client_id} {tokens.client_secret} {server.database.name}\n")
            sys.stdout.flush()
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
