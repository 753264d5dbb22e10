"""Clients of the HTTP bench, in a process of their own: each sends its next request when the last is answered.

    python -m tests.bench.http_clients PORT CLIENTS < requests

Requests come as length-prefixed bytes on stdin; the answers' times and statuses go out as JSON. No HTTP library is in
the way: the load must cost little beside what it measures.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import uvloop


class Client(asyncio.Protocol):
    """One connection, kept alive."""

    def __init__(self, requests: Iterator[bytes], seconds: list[float], statuses: Counter[int]) -> None:
        self._requests = requests
        self._seconds = seconds
        self._statuses = statuses
        self._answer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one by its methods alone
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            self.done.set_result(None)
            return
        self._start = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found:
            return
        at = head.lower().find(b"content-length: ")
        length = int(head[at + 16 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(body) < length:
            return
        self._seconds.append(time.perf_counter() - self._start)
        self._statuses[int(head[9:12])] += 1
        self._answer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed the connection"))


async def drive(port: int, clients: int, requests: list[bytes]) -> dict[str, Any]:
    """Send all requests over `clients` connections; answers the rate, the times and the statuses."""
    waiting = iter(requests)
    seconds: list[float] = []
    statuses: Counter[int] = Counter()
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    opened = [
        (await loop.create_connection(lambda: Client(waiting, seconds, statuses), "127.0.0.1", port))[1]
        for _ in range(clients)
    ]
    await asyncio.gather(*(client.done for client in opened))
    taken = time.perf_counter() - start
    seconds.sort()
    return {
        "rate": len(seconds) / taken,
        "p50_ms": seconds[len(seconds) // 2] * 1e3,
        "p99_ms": seconds[len(seconds) * 99 // 100] * 1e3,
        "statuses": statuses,
    }


def read_requests() -> list[bytes]:
    """Length-prefixed (32 bits, big-endian) requests from stdin."""
    data, found, at = sys.stdin.buffer.read(), [], 0
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        found.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return found


if __name__ == "__main__":
    port, clients = map(int, sys.argv[1:3])
    print(json.dumps(uvloop.run(drive(port, clients, read_requests()))))
