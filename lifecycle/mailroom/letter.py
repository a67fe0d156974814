"""One mail as it came over the wire (RFC 5322), read into what matters here. Pure.

Mail is written by a thousand programs; whatever can be read is, and only a mail without a sender
is refused. Attachments are named, never kept.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import hashlib
import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any

from core.errors import FieldError, InvalidInput
from leads import cleansing

LARGEST = 25_000_000
LONGEST_TEXT = 4_500
"""A note holds 5,000 characters; subject and names of attachments stand before the text."""
MOST_RECIPIENTS = 50
_AUTOMATIC = ("auto-replied", "auto-generated", "auto-notified")
_BOUNCERS = ("mailer-daemon", "postmaster")
_QUOTED = re.compile(
    r"^(?:>|_{10,}|-{2,} ?(?:original message|ursprüngliche nachricht|forwarded message)"
    r"|(?:on|am|le|el) .{4,120}(?:wrote|schrieb|écrit|escribió).{0,80}:$)",
    re.IGNORECASE,
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Party:
    """A mailbox and the name beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says. `id` is its Message-ID, or a fingerprint where it has none.

    `answer_to` is whom an answer reaches, the sender unless the mail names another. `sent_at` is
    the sender's word, None where it cannot be read. `text` is the newest part only: quoted mails
    below it are left out.
    """

    id: str
    sender: Party
    answer_to: Party
    to: tuple[Party, ...]
    subject: str
    text: str
    sent_at: dt.datetime | None
    automatic: bool = False
    bounced: bool = False
    attachments: tuple[str, ...] = ()
    delivered_to: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """Subject, text and the names of attachments, as they are kept."""
        lines = [self.subject, "", self.text]
        if self.attachments:
            lines += ["", "Attached: " + ", ".join(self.attachments)]
        return "\n".join(lines).strip()


def read(raw: bytes) -> Letter:
    """Read a mail. Raises InvalidInput when it is too large or has no sender that can be read."""
    if len(raw) > LARGEST:
        raise _unusable(f"The mail is larger than {LARGEST // 1_000_000} MB.")
    message = email.message_from_bytes(raw, policy=email.policy.default)
    if not isinstance(message, EmailMessage):
        raise _unusable("This is no mail.")
    sender = next(iter(_parties(message, "from", "sender", "reply-to")), None)
    if sender is None:
        raise _unusable("The mail names no sender.")
    return Letter(
        id=_id(message, raw),
        sender=sender,
        answer_to=next(iter(_parties(message, "reply-to")), sender),
        to=_parties(message, "to", "cc", "bcc")[:MOST_RECIPIENTS],
        subject=_clean(_header(message, "subject"))[:300],
        text=_newest(_body(message))[:LONGEST_TEXT],
        sent_at=_instant(message),
        automatic=_is_automatic(message),
        bounced=_is_bounce(message, sender),
        attachments=_attachments(message),
        delivered_to=tuple(
            party.address
            for party in _parties(message, "delivered-to", "x-original-to", "envelope-to")
        ),
    )


def _header(message: EmailMessage, name: str) -> str:
    """A header as text; what the library cannot read is taken as it stands."""
    try:
        found = message.get(name)
    except Exception:  # the library raises many kinds for malformed headers
        found = next((v for k, v in message.raw_items() if k.lower() == name), None)
    return "" if found is None else _unescaped(str(found))


def _unescaped(text: str) -> str:
    """Letters that stand in a header as raw bytes, which the standard forbids and people send."""
    try:
        return text.encode("ascii", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return text


def _parties(message: EmailMessage, *names: str) -> tuple[Party, ...]:
    found: dict[str, Party] = {}
    for name in names:
        for value in _values(message, name):
            for shown, written in getaddresses([value]):
                address = _clean(written).strip().strip("<>")
                if "@" in address:
                    found.setdefault(address.casefold(), Party(address, _clean(shown)[:240]))
    return tuple(found.values())


def _values(message: EmailMessage, name: str) -> list[str]:
    try:
        headers = message.get_all(name) or []
        values = []
        for header in headers:
            addresses = getattr(header, "addresses", None)
            values += [_spelt(one) for one in addresses] if addresses else [str(header)]
    except Exception:
        values = [str(v) for k, v in message.raw_items() if k.lower() == name]
    values = [_unescaped(value) for value in values]
    return [_CONTROLS.sub("", value.replace("\n", " ").replace("\r", " ")) for value in values]


def _spelt(address: Address) -> str:
    shown = address.display_name.replace("\\", "").replace('"', "")
    return f'"{shown}" <{address.addr_spec}>' if shown else f"<{address.addr_spec}>"


def _id(message: EmailMessage, raw: bytes) -> str:
    found = "".join(_header(message, "message-id").split()).strip("<>")
    visible = found.isascii() and found.isprintable() and 0 < len(found) <= 180
    return found if visible else f"sha256:{hashlib.sha256(found.encode() or raw).hexdigest()}"


def _instant(message: EmailMessage) -> dt.datetime | None:
    try:
        found = parsedate_to_datetime(_header(message, "date"))
        return found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _body(message: EmailMessage) -> str:
    """The plain text, else the text of the HTML."""
    try:
        part = message.get_body(("plain", "html"))
    except Exception:
        part = None
    if part is None:
        return ""
    text = _content(part)
    return _text_of_html(text) if part.get_content_type() == "text/html" else text


def _content(part: Any) -> str:
    try:
        return str(part.get_content())
    except Exception:  # unknown or wrong charset
        raw = part.get_payload(decode=True)
        return raw.decode("utf-8", errors="replace") if isinstance(raw, bytes) else ""


class _Reader(HTMLParser):
    """The visible words of an HTML text."""

    BREAKS = frozenset(("p", "div", "br", "li", "tr", "h1", "h2", "h3", "blockquote"))
    HIDDEN = frozenset(("script", "style", "head", "title"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in self.HIDDEN
        if tag in self.BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in self.HIDDEN and self.hidden > 0

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.pieces.append(data)


def _text_of_html(text: str) -> str:
    reader = _Reader()
    reader.feed(text[:2_000_000])
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).splitlines())
    return "\n".join(line for line in lines if line)


def _newest(text: str) -> str:
    """What was written now: everything above the first line that quotes an older mail."""
    kept: list[str] = []
    for line in _clean(text, lines=True).splitlines():
        if _QUOTED.match(line.strip()) and any(kept):
            break
        kept.append(line.rstrip())
    return "\n".join(kept).strip()


def _is_automatic(message: EmailMessage) -> bool:
    said = _header(message, "auto-submitted").casefold()
    precedence = _header(message, "precedence").casefold()
    return (
        said.startswith(_AUTOMATIC)
        or precedence in ("bulk", "junk", "list", "auto_reply")
        or bool(_header(message, "x-autoreply") or _header(message, "x-autorespond"))
    )


def _is_bounce(message: EmailMessage, sender: Party) -> bool:
    return (
        message.get_content_type() == "multipart/report"
        or sender.address.partition("@")[0].casefold() in _BOUNCERS
    )


def _attachments(message: EmailMessage) -> tuple[str, ...]:
    try:
        names = [part.get_filename() or "unnamed" for part in message.iter_attachments()]
    except Exception:
        return ()
    return tuple(_clean(name)[:80] for name in names[:20])


def _clean(text: str, *, lines: bool = False) -> str:
    spread = text.replace("\r\n", "\n").replace("\r", "\n")
    if not lines:
        spread = spread.replace("\n", " ").replace("\t", " ")
    return cleansing.clean_text(_CONTROLS.sub("", spread), len(spread) + 1)


def _unusable(message: str) -> InvalidInput:
    return InvalidInput(message, errors=[FieldError("mail", message, "mail")])
