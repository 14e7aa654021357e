"""A stub of a user pool that is never the limit: answers a few operations, counts, refuses a share on request.

``python -m bench.stub``: prints its port; ends when its standard input does. ``GET /counts`` tells what it saw.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Any, Final

POOL: Final = "eu-west-1_Benchmark1"
SOURCE_ID: Final = "custom:source_id"
_STANDARD: Final = ("sub", "email", "email_verified", "given_name", "family_name", "locale")
_BUSY: Final = b'{"__type":"TooManyRequestsException","message":"Rate exceeded"}'
_CREATE: Final = "AdminCreateUser"


class Pool:
    """What the answers are made of, and what was seen of the requests.

    delay: seconds before an answer. busy_of_a_hundred: creates that are refused with 429, evenly.
    """

    def __init__(self, delay: float = 0.0, busy_of_a_hundred: int = 0) -> None:
        self.delay = delay
        self._busy = busy_of_a_hundred
        self.operations: Counter[str] = Counter()
        self.names: set[str] = set()
        self.refused = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.first = 0.0
        self.last = 0.0

    def answer(self, operation: str, body: bytes) -> tuple[int, bytes]:
        self.operations[operation] += 1
        if operation == _CREATE:
            return self._create(json.loads(body))
        found = {
            "DescribeUserPool": {"UserPool": _description()},
            "ListUsers": {"Users": []},
            "ListGroups": {"Groups": []},
            "ListUsersInGroup": {"Users": []},
            "AdminUpdateUserAttributes": {},
        }.get(operation)
        if found is None:
            return 400, json.dumps({"__type": "InvalidParameterException", "message": operation}).encode()
        return 200, json.dumps(found).encode()

    def _create(self, asked: dict[str, Any]) -> tuple[int, bytes]:
        now = time.monotonic()
        self.first = self.first or now
        self.last = now
        number = self.operations[_CREATE]
        if self._busy and number * self._busy // 100 > (number - 1) * self._busy // 100:
            self.refused += 1
            return 429, _BUSY
        name = asked["Username"]
        self.names.add(name)
        sub = {"Name": "sub", "Value": f"00000000-0000-4000-8000-{len(self.names):012d}"}
        user = {
            "Username": name,
            "Attributes": [sub, *asked.get("UserAttributes", ())],
            "UserCreateDate": 1_790_000_000.0,
            "UserLastModifiedDate": 1_790_000_000.0,
            "Enabled": True,
            "UserStatus": "FORCE_CHANGE_PASSWORD",
        }
        return 200, json.dumps({"User": user}).encode()

    def counts(self) -> bytes:
        seen = {
            "operations": dict(self.operations),
            "people": len(self.names),
            "refused": self.refused,
            "most_in_flight": self.most_in_flight,
            "seconds": self.last - self.first,
        }
        return json.dumps(seen).encode()


def _description() -> dict[str, Any]:
    schema = [{"Name": name, "AttributeDataType": "String", "Mutable": name != "sub"} for name in _STANDARD]
    schema.append({"Name": SOURCE_ID, "AttributeDataType": "String", "Mutable": True})
    return {
        "Id": POOL,
        "Name": "benchmark",
        "SchemaAttributes": schema,
        "UsernameAttributes": ["email"],
        "UsernameConfiguration": {"CaseSensitive": False},
        "MfaConfiguration": "OFF",
        "EstimatedNumberOfUsers": 0,
    }


class Connection(asyncio.Protocol):
    """One connection: requests are answered in the order they come."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            lines = self._waiting[:end].decode("latin-1").split("\r\n")
            fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            length = int(fields.get("content-length", "0"))
            if len(self._waiting) < end + 4 + length:
                if fields.get("expect"):
                    self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            body = self._waiting[end + 4 : end + 4 + length]
            self._waiting = self._waiting[end + 4 + length :]
            self._request(lines[0], fields.get("x-amz-target", ""), body)

    def _request(self, first: str, target: str, body: bytes) -> None:
        if first.startswith("GET /counts "):
            self._respond(200, self._pool.counts())
            return
        pool = self._pool
        pool.in_flight += 1
        pool.most_in_flight = max(pool.most_in_flight, pool.in_flight)
        status, answer = pool.answer(target.rpartition(".")[2], body)
        if pool.delay:
            asyncio.get_running_loop().call_later(pool.delay, self._finish, status, answer)
        else:
            self._finish(status, answer)

    def _finish(self, status: int, answer: bytes) -> None:
        self._pool.in_flight -= 1
        self._respond(status, answer)

    def _respond(self, status: int, answer: bytes) -> None:
        head = (
            f"HTTP/1.1 {status} X\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: {len(answer)}\r\n\r\n"
        )
        self._write(head.encode() + answer)

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


async def serve(pool: Pool) -> None:
    """Until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(pool), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(Pool(float(sys.argv[1]), int(sys.argv[2]))))
