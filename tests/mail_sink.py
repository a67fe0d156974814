"""A real SMTP server on loopback that takes, refuses or keeps one waiting, as told."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller

logging.getLogger("mail.log").setLevel(logging.WARNING)


class Sink:
    """Keeps what it took; `rcpt` and `data` are answers to give instead of taking it.

    `seconds` is how long it takes over each. `hangs_up`: it goes away in the middle of the text,
    and with `keeps` takes the mail nonetheless.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.to: list[str] = []
        self.rcpt: dict[str, str] = {}
        self.data: str = ""
        self.hangs_up = self.keeps = False
        self.seconds = 0.0

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if answer := self.rcpt.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.seconds)
        if self.hangs_up:
            server.transport.abort()
        if self.data or (self.hangs_up and not self.keeps):
            return self.data
        self.messages.append(message_from_bytes(envelope.content))
        self.to += envelope.rcpt_tos
        return "250 taken"


def text_of(message: Message) -> str:
    """What a mail says in plain text, which comes first."""
    return _part(message, 0, "text/plain")


def html_of(message: Message) -> str:
    """What it says as HTML."""
    return _part(message, 1, "text/html")


def _part(message: Message, number: int, kind: str) -> str:
    part: Any = message.get_payload(number)
    assert part.get_content_type() == kind
    return str(part.get_payload(decode=True).decode())


@contextmanager
def serving() -> Iterator[tuple[Sink, int]]:
    """The sink and the port it listens at."""
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield sink, controller.port
    finally:
        controller.stop()


@contextmanager
def mute() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
        for one in kept:
            one.close()


@contextmanager
def dripping(command: str) -> Iterator[int]:
    """The port of a server that answers this command byte by byte, for five seconds without end.

    No command is the greeting; `.` is the end of a mail.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def drip(line: socket.socket) -> None:
            until = time.monotonic() + 5
            while time.monotonic() < until and not over.wait(0.02):
                line.sendall(b"2")

        def talk(line: socket.socket) -> None:
            if not command:
                return drip(line)
            line.sendall(b"220 here\r\n")
            text = False
            for said in line.makefile("rb"):
                word = said.strip().partition(b" ")[0].decode().upper()
                if text and word != ".":
                    continue
                if word == command:
                    return drip(line)
                text = word == "DATA"
                line.sendall(b"354 go on\r\n" if text else b"250 well\r\n")
            return None

        def accept() -> None:
            while not over.is_set():
                with suppress(OSError), server.accept()[0] as line:
                    talk(line)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        over.set()
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def free_port() -> int:
    """A port nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
