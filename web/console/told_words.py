"""Who was told of events, and how, by the notices that were made of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from core.texts import _, lazy
from lifecycle.models import Mail, Notice

NOBODY_AT_WORK = lazy("None of them was at work then.")

Moment = Callable[[datetime], str]
"""Says an instant in the reader's words."""


@dataclass(frozen=True, slots=True)
class Told:
    """When people were told of an event, the first of them, and a line for each of them."""

    at: datetime
    lines: tuple[str, ...]


def of_events(events: Iterable[int], moment: Moment) -> dict[int, Told]:
    """“Told Mia: bell; mail sent 10:02 today”, a line for each person, by event, in one query.

    An event of which nobody was told is not in it. Where it escalated to people who were not at
    work, since there was no choice, that is said.
    """
    found: dict[int, list[Notice]] = defaultdict(list)
    rows = Notice.objects.filter(event__in=list(events)).select_related("to", "mail")
    for row in rows.order_by("pk"):
        found[row.event_id or 0].append(row)
    return {
        event: Told(min(one.created_at for one in notices), tuple(_lines(notices, moment)))
        for event, notices in found.items()
    }


def _lines(notices: list[Notice], moment: Moment) -> Iterable[str]:
    for row in notices:
        yield _("Told {to}: {ways}").format(to=row.to, ways=_ways(row, moment))
    if any(row.words.get("nobody_at_work") for row in notices):
        yield NOBODY_AT_WORK


def _ways(row: Notice, moment: Moment) -> str:
    """In the bell at once, always; what is known of the mail."""
    if row.mail is not None:
        return _("bell; {of_mail}").format(of_mail=_of_mail(row.mail, moment))
    if row.mailed_at is not None:
        return _("bell; mail sent {mailed_at}").format(mailed_at=moment(row.mailed_at))
    if row.mail_due_at is not None:
        until = (
            _(" until {mail_due_at}").format(mail_due_at=moment(row.mail_due_at))
            if row.mail_together
            else _(" to be sent")
        )
        return _("bell; mail waits{until}").format(until=until)
    return _("bell only, no mail")


def _of_mail(mail: Mail, moment: Moment) -> str:
    what = "digest" if mail.digest else "mail"
    if mail.sent_at is not None:
        return _("{what} sent {sent_at}").format(what=what, sent_at=moment(mail.sent_at))
    if mail.state == Mail.State.DEAD:
        return _("{what} given up").format(what=what)
    if mail.state == Mail.State.MOOT:
        return _("no {what}, as it was settled before").format(what=what)
    if mail.last_error and mail.due_at is not None:
        return _("{what} failed so far, is tried again {due_at}").format(
            what=what, due_at=moment(mail.due_at)
        )
    return _("{what} waits to be sent").format(what=what)
