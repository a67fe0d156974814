"""A real HTTP server on loopback that answers as told: well, late, in drips, at length, wrongly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler"], None]


class Server(ThreadingHTTPServer):
    """Keeps the paths and headers it was asked with."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour: Behaviour = says({})
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.ending = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever asked may hang up."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.server.headers.append(dict(self.headers))
        self.server.behaviour(self)

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Quietly."""

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def says(document: Any) -> Behaviour:
    return lambda handler: handler.reply(200, json.dumps(document).encode())


def says_raw(body: bytes) -> Behaviour:
    return lambda handler: handler.reply(200, body)


def refuses(status: int, **headers: str) -> Behaviour:
    return lambda handler: handler.reply(status, b"{}", **headers)


def hangs(handler: Handler) -> None:
    handler.server.ending.wait(20)


def drips_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    _drip(handler, b"X-Slow: 1\r\n")


def drips_body(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
    _drip(handler, b" ")


def _drip(handler: Handler, drop: bytes) -> None:
    while not handler.server.ending.wait(0.05):
        handler.wfile.write(drop)
        handler.wfile.flush()


def floods(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(160):
        handler.wfile.write(b"x" * 65536)


def counts_wrongly(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n")


def does_and_hangs(handler: Handler) -> None:
    """What was asked is done; the answer gets lost."""
    handler.server.ending.wait(2)


def hangs_up(handler: Handler) -> None:
    handler.connection.close()


@contextmanager
def running() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()
