"""The port the web server listens on. Standard library only: it is checked before all else."""

from __future__ import annotations

import contextlib
import errno
import http.client
import socket

from devtools.problem import Problem

HOST = "127.0.0.1"
DEFAULT_PORT = 8000


def parse(text: str | None) -> int:
    """Read PORT; 8000 where it is not set. Raises Problem when it is not a port."""
    if text is None or not text.strip():
        return DEFAULT_PORT
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal() and 1 <= int(digits[:6]) <= 65535):
        raise Problem(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(digits)


def require_free(number: int) -> None:
    """Raise Problem, naming a way out, when the port cannot be served."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, number))
            trial.listen()
        except OSError as error:
            raise Problem(_why_not(number, error)) from error


def _why_not(number: int, error: OSError) -> str:
    other = number + 1 if number < 65535 else DEFAULT_PORT
    if error.errno == errno.EADDRINUSE:
        return f"Port {number} is taken by another program: try `PORT={other} make run`."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"Port {number} needs more rights: try `PORT={DEFAULT_PORT} make run`."
    return f"Port {number} cannot be used: {error.strerror}."


def serves(number: int) -> bool:
    """True when the web server answers on that port."""
    with contextlib.closing(http.client.HTTPConnection(HOST, number, timeout=5)) as connection:
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
