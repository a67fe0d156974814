"""One mail as it came over the wire (RFC 5322), read into what matters here. Pure.

Mail is written by a thousand programs; whatever can be read is, and only what is no mail at all
is refused. Attachments are named, never kept.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import hashlib
import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any

from core.errors import FieldError, InvalidInput
from leads import cleansing

LARGEST = 25_000_000
"""So many bytes of a mail are read; what stands behind them are attachments."""
LONGEST_NOTE = 5_000
LONGEST_NAMES = 900
MOST_RECIPIENTS = 50
EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
"""Whose clock says an earlier time has lost it."""
_HEADERS = frozenset(
    ("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "received",
     "return-path")
)  # fmt: skip
"""What has none of these is no mail."""
LONGEST_ADDRESS = 320
_AUTOMATIC = ("auto-replied", "auto-generated", "auto-notified")
_BOUNCERS = ("mailer-daemon", "postmaster")
_QUOTED = re.compile(
    r"^(?:>|_{10,}|-{2,} ?(?:original message|ursprüngliche nachricht|forwarded message)"
    r"|(?:on|am|le|el) .{4,120}(?:wrote|schrieb|écrit|escribió).{0,80}:$)",
    re.IGNORECASE,
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ABOUT_PARTS = re.compile(rb"^content-[^\n]*\n(?:[ \t][^\n]*\n)*", re.IGNORECASE | re.MULTILINE)
_NAMED_ID = re.compile(r"<([^<>\s]{3,190})>")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"\\@]{1,64}@[^\s<>()\[\],;:\"\\@]{1,255}")


@dataclass(frozen=True, slots=True)
class Party:
    """A mailbox and the name beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says. `id` is its Message-ID, or a fingerprint where it has none.

    `answer_to` is whom an answer reaches, the sender unless the mail names another. `sent_at` is
    the sender's word, `received_at` that of the last server it came by, which is ours; None where
    they cannot be read. `text` is the newest part only: quoted mails
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
    replied: bool = False
    """Answered by a machine: never the words of a buyer."""
    bounced: bool = False
    attachments: tuple[str, ...] = ()
    delivered_to: tuple[str, ...] = ()
    received_at: dt.datetime | None = None
    answers: tuple[str, ...] = ()
    """The ids of the mails it answers, the nearest first."""

    @property
    def fingerprint(self) -> str:
        """Tells two mails of one id apart: who wrote what."""
        told = f"{self.sender.address.casefold()}\n{self.note}"
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    @property
    def note(self) -> str:
        """Subject, text and the names of attachments, as they are kept; a long text is cut."""
        names = ", ".join(self.attachments)[:LONGEST_NAMES]
        told = f"\n\nAttached: {names}" if names else ""
        return f"{self.subject}\n\n{self.text}".strip()[: LONGEST_NOTE - len(told)] + told


def read(raw: bytes) -> Letter:
    """Read a mail. Raises InvalidInput for what is none.

    A sender whose address cannot be read is told as it stands, so that people can mend it.
    """
    message = _message(raw[:LARGEST])
    if not any(name.casefold() in _HEADERS for name in message.keys()):  # noqa: SIM118
        raise _unusable("This is no mail: it has none of the headers of one.")
    sender = next(iter(_parties(message, "from", "sender", "reply-to")), None)
    sender = sender or _as_it_stands(message)
    return Letter(
        id=_id(message, raw),
        sender=sender,
        answer_to=next(iter(_parties(message, "reply-to")), sender),
        to=_parties(message, "to", "cc", "bcc")[:MOST_RECIPIENTS],
        subject=_clean(_header(message, "subject"))[:300],
        text=_newest(_body(message))[:LONGEST_NOTE],
        sent_at=_instant(_header(message, "date")),
        received_at=_instant(_header(message, "received").rpartition(";")[2]),
        automatic=_is_automatic(message),
        replied=_is_replied(message),
        bounced=_is_bounce(message, sender),
        attachments=_attachments(message),
        delivered_to=tuple(
            party.address
            for party in _parties(message, "delivered-to", "x-original-to", "envelope-to")
        ),
        answers=_answers(message),
    )


def _answers(message: EmailMessage) -> tuple[str, ...]:
    """What In-Reply-To and References name, without their brackets."""
    named = f"{_header(message, 'in-reply-to')} {_header(message, 'references')[-4_000:]}"
    return tuple(dict.fromkeys(_NAMED_ID.findall(named)))[:50]


def _as_it_stands(message: EmailMessage) -> Party:
    """Who wrote, where no address can be read: what is said in its place, and the name beside."""
    said = (_raw(message, name).strip() for name in ("from", "sender", "reply-to"))
    name, bracket, address = next(filter(None, said), "").partition("<")
    if not bracket:
        name, address = ("", name) if "@" in name else (name, "")
    address = address.partition(">")[0].strip()
    return Party(address[:LONGEST_ADDRESS], name.strip(' "')[:240])


def _message(raw: bytes) -> EmailMessage:
    """The mail in its parts; one whose parts bring the library down is its headers and a text."""
    head, blank, body = raw.partition(b"\r\n\r\n" if b"\r\n\r\n" in raw else b"\n\n")
    for tried in (raw, _ABOUT_PARTS.sub(b"", head + blank[:2]) + blank[2:] + body):
        try:
            message = email.message_from_bytes(tried, policy=email.policy.default)
            message.get_content_type()
            message.get("content-transfer-encoding")
        except Exception:  # noqa: S112 - it raises many kinds for what is malformed or too deep
            continue
        if isinstance(message, EmailMessage):
            return message
    raise _unusable("This is no mail that can be read.")


def _header(message: EmailMessage, name: str) -> str:
    """A header as text; what the library cannot read is taken as it stands."""
    try:
        found = message.get(name)
    except Exception:  # the library raises many kinds for malformed headers
        found = next((v for k, v in message.raw_items() if k.lower() == name), None)
    return "" if found is None else _unescaped(str(found))


def _raw(message: EmailMessage, name: str) -> str:
    """A header as it was written: the library leaves out what is wrong in it."""
    found = next((str(v) for k, v in message.raw_items() if k.lower() == name), "")
    try:
        found = str(make_header(decode_header(_unescaped(found))))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        found = _unescaped(found)
    return _clean(found)


def _unescaped(text: str) -> str:
    """Letters that stand in a header as raw bytes, which the standard forbids and people send."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return text


def _parties(message: EmailMessage, *names: str) -> tuple[Party, ...]:
    found: dict[str, Party] = {}
    for name in names:
        for value in _values(message, name):
            for shown, written in _pairs(value):
                address = _clean(written).strip().strip("<>")
                if "@" in address:
                    found.setdefault(address.casefold(), Party(address, _clean(shown)[:240]))
    return tuple(found.values())


def _pairs(value: str) -> list[tuple[str, str]]:
    """Names and addresses; of a value that brings the library down, the addresses it holds."""
    try:
        return getaddresses([value])
    except RecursionError:
        return [("", found) for found in _ADDRESS.findall(value)]


def _values(message: EmailMessage, name: str) -> list[str]:
    try:
        headers = message.get_all(name) or []
        values = []
        for header in headers:
            addresses = getattr(header, "addresses", None)
            values += [_spelt(one) for one in addresses] if addresses else [str(header)]
    except Exception:  # as above
        values = [str(v) for k, v in message.raw_items() if k.lower() == name]
    values = [_unescaped(value) for value in values]
    return [_CONTROLS.sub("", value.replace("\n", " ").replace("\r", " ")) for value in values]


def _spelt(address: Address) -> str:
    shown = address.display_name.replace("\\", "").replace('"', "")
    local, spec = address.username, address.addr_spec
    if "." in (local[:1], local[-1:]) or ".." in local:  # the library drops quotes they need
        spec = f'"{local}"@{address.domain}'
    return f'"{shown}" <{spec}>' if shown else f"<{spec}>"


def _id(message: EmailMessage, raw: bytes) -> str:
    found = "".join(_header(message, "message-id").split()).strip("<>")
    visible = found.isascii() and found.isprintable() and 0 < len(found) <= 180
    return found if visible else f"sha256:{hashlib.sha256(found.encode() or raw).hexdigest()}"


def _instant(written: str) -> dt.datetime | None:
    try:
        found = parsedate_to_datetime(written)
        at = found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return at if at >= EARLIEST else None


def _body(message: EmailMessage) -> str:
    """The plain text, else the text of the HTML."""
    try:
        part = message.get_body(("plain", "html"))
        is_html = part is not None and part.get_content_type() == "text/html"
    except Exception:  # as above; what stands there may be read as it is
        part, is_html = (None if message.is_multipart() else message), False
    if part is None:
        return ""
    text = _content(part)
    return _text_of_html(text) if is_html else text


def _content(part: Any) -> str:
    try:
        return str(part.get_content())
    except Exception:  # unknown or wrong charset
        return _undecoded(part)


def _undecoded(part: Any) -> str:
    try:
        raw = part.get_payload(decode=True)
    except Exception:  # not even how it is encoded can be read
        return ""
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
        or precedence in ("bulk", "junk", "list")
        or _is_replied(message)
    )


def _is_replied(message: EmailMessage) -> bool:
    return (
        _header(message, "auto-submitted").casefold().startswith("auto-replied")
        or _header(message, "precedence").casefold() == "auto_reply"
        or bool(_header(message, "x-autoreply") or _header(message, "x-autorespond"))
    )


def _is_bounce(message: EmailMessage, sender: Party) -> bool:
    return (
        _header(message, "content-type").casefold().startswith("multipart/report")
        or (sender.address or sender.name).partition("@")[0].casefold() in _BOUNCERS
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
    # Composed letters may become longer: never three times as long.
    return cleansing.clean_text(_CONTROLS.sub("", spread), 3 * len(spread) + 1)


def _unusable(message: str) -> InvalidInput:
    return InvalidInput(message, errors=[FieldError("mail", message, "mail")])
