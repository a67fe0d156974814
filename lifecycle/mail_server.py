"""The connection to the mail server, with a limit to how long a whole conversation lasts.

A timeout is for one wait. A server that sends a byte before each runs out would keep its caller
for ever, past the lease of the mail.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import threading
from collections.abc import Iterator
from typing import Any

from django.core import mail as django_mail
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend

LONGEST = 60.0
"""Seconds one conversation may last, from the first word to the last."""


def connection() -> BaseEmailBackend:
    """As the settings say; nothing is opened yet."""
    server = django_mail.get_connection()
    return Backend() if type(server) is smtp.EmailBackend else server


@contextlib.contextmanager
def limited(server: BaseEmailBackend) -> Iterator[None]:
    """Hang up when what is said to the server within takes longer than `LONGEST`.

    Raises TimeoutError then, in place of what came of it.
    """
    rang = threading.Event()

    def ring() -> None:
        rang.set()
        if isinstance(server, Backend):
            server.hang_up()

    timer = threading.Timer(LONGEST, ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    except OSError as error:
        if rang.is_set():
            raise TimeoutError(f"no end after {LONGEST:.0f} s") from error
        raise
    finally:
        timer.cancel()


class Backend(smtp.EmailBackend):
    """Django's, which another thread can end from the first word on."""

    _caller: smtplib.SMTP | None = None

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """As Django's; it is known here before it has spoken to anybody."""
        usual: type[smtplib.SMTP] = super().connection_class
        backend = self

        class Known(usual):  # type: ignore[valid-type, misc]
            def _get_socket(self, *arguments: Any) -> socket.socket:
                backend._caller = self
                return super()._get_socket(*arguments)  # type: ignore[no-any-return]

        return Known

    def hang_up(self) -> None:
        """Whatever waits for the server gets its end of the line."""
        sock = getattr(self._caller, "sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
