"""The mail servers by which people here write to buyers: saved, tried, spoken to.

A server that somebody names must be on the internet, unless private ones are allowed: nobody asks
around in our own network by the answers of a mail form.
"""

from __future__ import annotations

import datetime as dt
import socket
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.core import mail as django_mail

from core import database, errors, sealing
from core.errors import FieldError
from lifecycle import mail_server, mails
from lifecycle.models import Mailbox
from lifecycle.outbound import addresses
from people.models import User

PORTS = (25, 465, 587, 2525)
TIMEOUT_SECONDS = 10
NOT_PUBLIC = "This server is not on the internet; see LEADGOV_ALLOW_PRIVATE_PROVIDERS."
NO_MAILBOX = "Set up your mail server first; it is in your menu."


class NotSetUp(errors.DomainError):
    """Somebody has no mail server, or no address to write from."""

    code = "no_mailbox"
    status = 409


def save(
    *, by: User, host: str, port: int, security: str, username: str = "", password: str = ""
) -> Mailbox:
    """Keep somebody's own mail server; an empty password keeps the one there is.

    Another server, port or user needs its password anew: it is never sent where it was not meant
    for. Raises InvalidInput naming each fault.
    """
    host, username = host.strip().rstrip(".").casefold(), username.strip()
    old = Mailbox.objects.filter(user=by).first()
    faults = _faults(host, port, security, username)
    moved = old is not None and (old.host, old.port, old.username) != (host, port, username)
    if old is not None and old.password and moved and username and not password:
        faults.append(FieldError("password", "Enter the password again for another server."))
    if faults:
        raise errors.InvalidInput(faults[0].message, errors=faults)
    kept = old.password if old is not None and not password and username else ""
    values: dict[str, Any] = {
        "host": host, "port": port, "security": security, "username": username,
        "password": sealing.seal(password) if password else kept, "tested_at": None, "error": "",
    }  # fmt: skip
    mailbox, _ = Mailbox.objects.update_or_create(user=by, defaults=values)
    return mailbox


def _faults(host: str, port: int, security: str, username: str) -> list[FieldError]:
    faults = []
    if not host or any(one <= " " or one > "~" for one in host):
        faults.append(FieldError("host", "Name the server, such as smtp.example.com."))
    elif not settings.ALLOW_PRIVATE_PROVIDERS and not addresses.may_be_public(host):
        faults.append(FieldError("host", NOT_PUBLIC))
    if not settings.ALLOW_PRIVATE_PROVIDERS and port not in PORTS:
        faults.append(FieldError("port", f"Mail is sent by port {', '.join(map(str, PORTS))}."))
    if security not in Mailbox.Security.values:
        faults.append(FieldError("security", "Choose one of the list."))
    if username and security == Mailbox.Security.NONE and not settings.ALLOW_PRIVATE_PROVIDERS:
        faults.append(FieldError("security", "A password goes by an encrypted line only."))
    return faults


def of(user: User) -> Mailbox:
    """Somebody's mail server. Raises NotSetUp."""
    mailbox = Mailbox.objects.filter(user=user).first()
    if mailbox is None:
        raise NotSetUp(NO_MAILBOX)
    if not user.email:
        raise NotSetUp("Your account has no e-mail address to write from.")
    return mailbox


def try_out(*, by: User, now: dt.datetime | None = None) -> Mailbox:
    """Send oneself a mail by it, and keep how that ended. Raises NotSetUp."""
    mailbox = of(by)
    error = send(
        mailbox, to=by.email, subject="Your mail server works",
        body="Mails that you write to buyers in LeadGov go out this way.", headers={},
    )  # fmt: skip
    mailbox.error = mails.words_of(error) if error is not None else ""
    mailbox.tested_at = (now or database.now()) if error is None else None
    mailbox.save(update_fields=["error", "tested_at"])
    return mailbox


def send(
    mailbox: Mailbox, *, to: str, subject: str, body: str, headers: dict[str, str]
) -> Exception | None:
    """Hand one mail to the server, from its owner's own address; returns what went wrong."""
    sender = formataddr((str(mailbox.user), mailbox.user.email))
    try:
        _require_public(mailbox.host)
        server = mail_server.Backend(
            host=mailbox.host,
            port=mailbox.port,
            username=mailbox.username,
            password=sealing.unseal(mailbox.password),
            use_tls=mailbox.security == Mailbox.Security.STARTTLS,
            use_ssl=mailbox.security == Mailbox.Security.TLS,
            timeout=TIMEOUT_SECONDS,
        )
        message = django_mail.EmailMessage(
            subject, body, from_email=sender, to=[to], headers=headers, connection=server
        )
        with mail_server.limited(server):
            server.open()
            try:
                server.send_messages([message])
            finally:
                server.close()
    except Exception as error:
        return error
    return None


def _require_public(host: str) -> None:
    """Raises NotSetUp for a server whose name leads into a private network."""
    if settings.ALLOW_PRIVATE_PROVIDERS:
        return
    found = {str(one[4][0]) for one in socket.getaddrinfo(host, None)}
    if not all(addresses.is_public(one) for one in found):
        raise NotSetUp(NOT_PUBLIC)
