"""python -m tests.servers.ory: a Kratos to try things against, until interrupted."""

import argparse
import signal
import sys
import time

from tests.servers.ory.server import KratosServer


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers.ory", description=__doc__)
    parser.add_argument("--key", default="", help="the API key to ask for, as a project of the Ory Network does")
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever starts us in the background has it ignored
    with KratosServer(key=arguments.key, port=arguments.port) as server:
        try:
            sys.stdout.write(f"{server.url}\n")
            sys.stdout.flush()
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
