"""Whose fault a failed mail is."""

from __future__ import annotations

import smtplib
import socket

import pytest

from lifecycle import mails
from lifecycle.mails import Fault


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"no such user")}), Fault.MAIL_FOR_GOOD),
        (smtplib.SMTPRecipientsRefused({"a@b": (450, b"busy")}), Fault.MAIL),
        (smtplib.SMTPRecipientsRefused({"a@b": (421, b"closing")}), Fault.MAIL),
        (smtplib.SMTPDataError(554, b"spam"), Fault.MAIL_FOR_GOOD),
        (smtplib.SMTPDataError(451, b"later"), Fault.MAIL),
        (smtplib.SMTPSenderRefused(530, b"log in first", "x@y"), Fault.SERVER),
        (smtplib.SMTPAuthenticationError(535, b"wrong password"), Fault.SERVER),
        (smtplib.SMTPConnectError(421, b"too many"), Fault.SERVER),
        (smtplib.SMTPServerDisconnected("gone"), Fault.SERVER),
        (ConnectionRefusedError(), Fault.SERVER),
        (TimeoutError(), Fault.SERVER),
        (socket.gaierror(), Fault.SERVER),
        (ValueError("bad address"), Fault.MAIL),
        (UnicodeEncodeError("ascii", "é", 0, 1, "no"), Fault.MAIL),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_fault_of_a_failed_attempt(error: Exception, fault: Fault) -> None:
    assert mails.fault_of(error) is fault
