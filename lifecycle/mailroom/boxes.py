"""Where mail waits for us: a maildir, or a folder of an IMAP server. One pass each.

A mail leaves its place only when it was dealt with. What is refused goes to a folder beside, with
the reason in the log, and is never brought again.
"""

from __future__ import annotations

import imaplib
import logging
import mailbox
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.db import InterfaceError, OperationalError

from core import errors
from lifecycle.mailroom.receiving import Outcome, Received

log = logging.getLogger(__name__)

Take = Callable[[bytes], Received]
REFUSED = "LeadGov refused"
FAILED = "FAILED"
TIMEOUT_SECONDS = 30
MOST = 200


class BoxUnreachable(errors.DomainError):
    """The mailbox cannot be opened; the message says what to mend."""

    code = "mailbox_unreachable"
    status = 503


def from_maildir(path: Path, take: Take, *, limit: int = MOST) -> Counter[str]:
    """Take the new mails of a maildir; returns how many came to which outcome."""
    new = path / "new"
    if not new.is_dir():
        raise BoxUnreachable(f"{path.name} is no maildir: it has no folder “new”.")
    done: Counter[str] = Counter()
    # Files are moved as they are: there are mails that no library can write again.
    for name in sorted(one.name for one in new.iterdir() if one.name[0] != ".")[:limit]:
        try:
            raw = (new / name).read_bytes()
        except FileNotFoundError:
            continue  # another reader took it away meanwhile
        received = _taken(take, raw, done)
        if received is None:
            continue
        if received.outcome is Outcome.REFUSED:
            log.warning("A mail was refused: %s", received.told)
            mailbox.Maildir(path, create=False).add_folder("Refused")
            (new / name).replace(path / ".Refused" / "new" / name)
            continue
        (path / "cur").mkdir(exist_ok=True)
        (new / name).replace(path / "cur" / f"{name.partition(':')[0]}:2,S")
    return done


def from_imap(url: str, password: str, take: Take, *, limit: int = MOST) -> Counter[str]:
    """Take the unseen mails of a folder: imaps://user@host/INBOX; returns outcomes and numbers.

    Raises BoxUnreachable, naming what failed, and never the password.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
        raise BoxUnreachable("Give the mailbox as imaps://user@host/folder.")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    kind = imaplib.IMAP4_SSL if parts.scheme == "imaps" else imaplib.IMAP4
    try:
        server = kind(
            parts.hostname, parts.port or (993 if parts.scheme == "imaps" else 143),
            timeout=TIMEOUT_SECONDS,
        )  # fmt: skip
    except (OSError, imaplib.IMAP4.error) as fault:
        raise BoxUnreachable(f"The server {parts.hostname} does not answer: {fault}.") from None
    try:
        server.login(unquote(parts.username), password)
        return _unseen(server, folder, take, limit)
    except (TimeoutError, imaplib.IMAP4.error, OSError) as fault:
        raise BoxUnreachable(f"The mailbox {folder} cannot be read: {fault}.") from None
    finally:
        try:
            server.logout()
        except (imaplib.IMAP4.error, OSError):
            log.debug("The server had closed the connection already.")


def _unseen(server: imaplib.IMAP4, folder: str, take: Take, limit: int) -> Counter[str]:
    state, _ = server.select(_quoted(folder))
    if state != "OK":
        raise imaplib.IMAP4.error(f"there is no folder {folder}")
    done: Counter[str] = Counter()
    _, found = server.uid("SEARCH", "UNSEEN")
    for uid in (found[0] or b"").split()[:limit]:
        name = uid.decode("ascii")
        _, data = server.uid("FETCH", name, "(BODY.PEEK[])")
        raw = next((part[1] for part in data if isinstance(part, tuple)), None)
        if raw is None:
            continue  # another client took it away meanwhile
        received = _taken(take, raw, done)
        if received is None:
            continue
        if received.outcome is Outcome.REFUSED:
            log.warning("A mail was refused: %s", received.told)
            server.create(_quoted(REFUSED))
            copied, _ = server.uid("COPY", name, _quoted(REFUSED))
            if copied != "OK":
                raise imaplib.IMAP4.error(f"a refused mail cannot be copied to {REFUSED}")
        server.uid("STORE", name, "+FLAGS", "(\\Seen)")
    return done


def _taken(take: Take, raw: bytes, done: Counter[str]) -> Received | None:
    """What became of a mail. One that fails stays where it is, and the others go on.

    A database that is away fails them all: that is raised.
    """
    try:
        received = take(raw)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("A mail could not be taken in; it is left where it is.")
        done[FAILED] += 1
        return None
    done[received.outcome.value] += 1
    return received


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
