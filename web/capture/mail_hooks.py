"""Deliveries of a webhook that tell what became of mails: each event one signal, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, JsonResponse

from lifecycle.signalling import mailing
from web.capture import mail_events
from web.capture.mail_events import BOUNCE, MailEvent


def taken(events: Sequence[dict[str, Any]], *, scope: str) -> HttpResponse:
    """200 with how many were kept and passed over: a sender would only bring the rest again."""
    found: list[MailEvent] = []
    unread = 0
    for one in events:
        try:
            found += mail_events.read(one)
        except mail_events.Unread:
            unread += 1
    shut = [
        (one.email, mailing.BOUNCED if one.kind == BOUNCE else mailing.COMPLAINED)
        for one in found
        if one.lasting
    ]
    answers = mailing.take([one.signal() for one in found], shut=shut, scope=scope)
    kept = sum(one.receipt is not None for one in answers)
    refused = len(answers) - kept
    return JsonResponse({"received": kept, "refused": refused, "unread": unread}, status=200)
