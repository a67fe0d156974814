"""One request to a server that somebody named here: guarded, bounded in time and size.

The name is resolved once, every address it has is checked, and the connection goes to an address
that was checked, with the name in Host and SNI. Redirects are not followed. Time is counted over
all of it, so a server that drips is as late as one that hangs.
"""

from __future__ import annotations

import contextlib
import http.client
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from lifecycle.outbound import addresses
from lifecycle.outbound.failing import Failed

MOST_BYTES = 64 * 1024
REFUSED = (
    "It resolves to an address that is not on the internet; see LEADGOV_ALLOW_PRIVATE_PROVIDERS."
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server said, no longer than it may be; `location` is where a redirect points."""

    status: int
    body: bytes
    retry_after: int | None = None
    location: str = ""


class _Watch:
    """Shuts a socket when time is up, whatever waits for it."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self.rang = False
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True

    def __enter__(self) -> _Watch:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._socket is not None:
            self._socket.close()

    @property
    def left(self) -> float:
        """Seconds until time is up; never nothing, which would mean to wait for ever."""
        return max(0.001, self.until - time.monotonic())

    def over(self, sock: socket.socket) -> None:
        """Watch this socket from now on."""
        self._socket = sock

    def _ring(self) -> None:
        self.rang = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)


def fetch(
    url: str,
    *,
    headers: Mapping[str, str],
    seconds: float,
    private_too: bool = False,
    most_bytes: int = MOST_BYTES,
) -> Reply:
    """Ask for `url`, within so many seconds in all.

    https on port 443 at public addresses only; `private_too` allows every scheme, port and address,
    for tests and trials. Raises Failed, saying what happened and nothing that was sent.
    """
    reply = _request(
        _Message("GET", headers), url, seconds, private_too=private_too, read=most_bytes + 1
    )
    if len(reply.body) > most_bytes:
        raise Failed(f"The answer is larger than {most_bytes // 1024} kB.")
    return reply


def post(
    url: str,
    *,
    body: bytes,
    headers: Mapping[str, str],
    seconds: float,
    private_too: bool = False,
) -> Reply:
    """Send `body` to `url`, within so many seconds in all; guarded and failing as `fetch`.

    What is answered beyond `MOST_BYTES` is left unread: the status says what became of it.
    """
    return _request(
        _Message("POST", headers, body), url, seconds, private_too=private_too, read=MOST_BYTES
    )


def require_public(url: str, *, seconds: float, private_too: bool = False) -> None:
    """The same checks as before sending, for whoever saves an address.

    A host that cannot be resolved right now is let pass: it is looked up again at each request.
    Raises Failed for an address that may not be asked, by what it says or by what it resolves to.
    """
    parts = require_safe(url, private_too=private_too)
    if private_too:
        return
    try:
        found = _resolved(parts.hostname or "", 443, seconds)
    except (Failed, TimeoutError):
        return
    if not all(addresses.is_public(one) for one in found):
        raise Failed(REFUSED, for_good=True)


def require_safe(url: str, *, private_too: bool = False) -> SplitResult:
    """The parts of an address that may be asked. Raises Failed, saying what is wrong with it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Failed(f"The URL cannot be read: {error}.", for_good=True) from None
    if parts.scheme not in (("https", "http") if private_too else ("https",)):
        raise Failed("The URL must begin with https://.", for_good=True)
    if parts.username is not None or parts.password is not None:
        raise Failed("The URL must not hold a user or password.", for_good=True)
    if not parts.hostname or any(one <= " " or one > "~" or one == "\\" for one in url):
        raise Failed("The URL names no host, or holds blanks or other than ASCII.", for_good=True)
    if not private_too and port not in (None, 443):
        raise Failed("The URL must use port 443.", for_good=True)
    if not private_too and not addresses.may_be_public(parts.hostname):
        raise Failed(REFUSED, for_good=True)
    return parts


@dataclass(frozen=True, slots=True)
class _Message:
    method: str
    headers: Mapping[str, str]
    body: bytes | None = None


def _request(message: _Message, url: str, seconds: float, *, private_too: bool, read: int) -> Reply:
    parts = require_safe(url, private_too=private_too)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with _Watch(seconds) as watch, _told(watch, seconds):
        found = _resolved(host, port, watch.left)
        if not private_too and not all(addresses.is_public(one) for one in found):
            raise Failed(REFUSED, for_good=True)
        sock = _connected(found, port, watch)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            sock = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
            watch.over(sock)
            sock.settimeout(watch.left)
            sock.do_handshake()
        return _asked(sock, parts, message, read)


@contextlib.contextmanager
def _told(watch: _Watch, seconds: float) -> Iterator[None]:
    """Put what the network raises into words that can be kept."""
    late = Failed(f"No complete answer within {seconds:g} seconds.")
    try:
        yield
    except Failed:
        raise
    except ssl.SSLCertVerificationError as error:
        raise Failed(f"Its certificate is not valid: {error.verify_message}.") from None
    except TimeoutError:
        raise late from None
    except (OSError, http.client.HTTPException, ValueError) as error:  # a chunk of -5 bytes, say
        if watch.rang:
            raise late from None
        raise Failed(f"The connection failed: {_words(error)}.") from None
    if watch.rang:  # a socket that was shut looks like one at its end
        raise late


def _words(error: Exception) -> str:
    said = getattr(error, "strerror", None) or type(error).__name__
    return str(said)[:200]


def _resolved(host: str, port: int, seconds: float) -> list[str]:
    """Every address of a host. The system's resolver knows no deadline, so it is given a thread."""
    answer: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.put(list(dict.fromkeys(str(row[4][0]) for row in rows)))
        except (OSError, UnicodeError) as error:
            answer.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=look_up, daemon=True).start()
    try:
        found = answer.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(found, OSError) or not found:
        raise Failed(f"The host {host} cannot be resolved.")
    return found


def _connected(found: list[str], port: int, watch: _Watch) -> socket.socket:
    """A connection to exactly one of these addresses; nothing is looked up again."""
    for last, address in enumerate(found, start=1 - len(found)):
        try:
            sock = socket.create_connection((address, port), timeout=watch.left)
            break
        except OSError:
            if not last or watch.rang:
                raise
    watch.over(sock)
    sock.settimeout(watch.left)
    return sock


def _asked(sock: socket.socket, parts: SplitResult, message: _Message, read: int) -> Reply:
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.sock = sock
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.putrequest(message.method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", parts.netloc)
        for name, value in message.headers.items():
            connection.putheader(name, value)
        if message.body is not None:
            connection.putheader("Content-Length", str(len(message.body)))
    except ValueError:
        raise Failed("The header or the key holds a character that none can have.",
                     for_good=True) from None  # fmt: skip
    connection.endheaders(message.body)
    with connection.getresponse() as response:
        body = response.read(read)
        after = response.getheader("Retry-After", "")
        location = response.getheader("Location", "")
    seconds = int(after) if after.isascii() and after.isdigit() and len(after) < 6 else None
    return Reply(response.status, body, seconds, location)
