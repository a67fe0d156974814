"""What people do with mailings: make, change, pause, have one sent, want no more, delete."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from core import errors
from core.errors import FieldError
from core.texts import _
from leads import cleansing
from people.models import Role, User
from web.by_mail import rhythm
from web.by_mail.letter import Part
from web.models import MailingReader, ReportMail, ReportMailing

LONGEST = 80
MOST_PARTS = 30
MOST_READERS = 200
KEPT = dt.timedelta(days=1)
"""So long one that was deleted can be had back."""
AGAIN = dt.timedelta(minutes=1)
"""One asked for at once is not sent to the same person again within this."""
FOR_OTHERS = (Role.MANAGER, Role.REVOPS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mailing as somebody wants it."""

    name: str
    rhythm: str
    day: int
    hour: int
    parts: Collection[Part]
    readers: Collection[User]
    with_files: bool = False


def visible_to(reader: User) -> QuerySet[ReportMailing]:
    """One's own and those one gets; all of them for RevOps."""
    rows = ReportMailing.objects.filter(deleted_at=None)
    if may_all(reader):
        return rows
    mine = MailingReader.objects.filter(user=reader).values("mailing")
    return rows.filter(Q(owner=reader) | Q(pk__in=mine))


def may_all(reader: User) -> bool:
    """Whether they see to all mailings."""
    return reader.is_superuser or reader.plays(Role.REVOPS)


def may_send_to_others(reader: User) -> bool:
    """Whether they make mailings for others than themselves."""
    return reader.is_superuser or reader.plays(*FOR_OTHERS)


def may_change(mailing: ReportMailing, reader: User) -> bool:
    """Whether they change it."""
    return mailing.owner_id == reader.pk or may_all(reader)


def get(reader: User, mailing_id: int) -> ReportMailing:
    """One of those they see. Raises NotFound."""
    row = visible_to(reader).select_related("owner").filter(pk=mailing_id).first()
    if row is None:
        raise errors.NotFound(_("There is no such mailing, or none of yours."))
    return row


@transaction.atomic
def save(
    by: User, wanted: Wanted, *, now: dt.datetime, mailing: ReportMailing | None = None
) -> ReportMailing:
    """Make a mailing, or change one. Raises InvalidInput, NotAllowed.

    Who asked for no more of it does not get it again by a change.
    """
    _require(wanted, by, mailing)
    row = mailing or ReportMailing(owner=by, created_at=now)
    paused = mailing is not None and mailing.next_at is None
    row.name = _name(wanted.name)
    row.rhythm, row.day, row.hour = wanted.rhythm, wanted.day, wanted.hour
    row.parts = [one.as_data() for one in wanted.parts]
    row.with_files = wanted.with_files
    row.next_at = None if paused else rhythm.following(row, now)
    _write(row)
    people = {one.pk for one in wanted.readers}
    row.readers.exclude(user__in=people).delete()
    MailingReader.objects.bulk_create(
        [MailingReader(mailing=row, user_id=one) for one in sorted(people)], ignore_conflicts=True
    )
    return row


def pause(mailing: ReportMailing, by: User) -> None:
    """Send it no more until it is resumed; what waits is not sent. Raises NotAllowed."""
    require_may(mailing, by)
    mailing.next_at = None
    mailing.save(update_fields=["next_at"])
    mailing.mails.filter(due_at__isnull=False).update(due_at=None, last_error=_("Paused."))


def resume(mailing: ReportMailing, by: User, *, now: dt.datetime) -> None:
    """Send it again from its next day on. Raises NotAllowed."""
    require_may(mailing, by)
    mailing.next_at = rhythm.following(mailing, now)
    mailing.save(update_fields=["next_at"])


@transaction.atomic
def delete(mailing: ReportMailing, by: User, *, now: dt.datetime) -> None:
    """Take it away; for a day `restore` has it back, paused or not as it was. Raises NotAllowed."""
    require_may(mailing, by)
    mailing.deleted_at = now
    mailing.save(update_fields=["deleted_at"])
    mailing.mails.filter(due_at__isnull=False).update(due_at=None, last_error=_("Deleted."))
    gone = ReportMailing.objects.filter(owner=mailing.owner_id, deleted_at__lt=now - KEPT)
    for rows in (ReportMail, MailingReader):
        rows.objects.filter(mailing__in=gone).delete()
    gone.delete()


def restore(by: User, mailing_id: int, *, now: dt.datetime) -> ReportMailing:
    """Have back what was deleted. Raises NotFound, and InvalidInput where its name is taken."""
    row = ReportMailing.objects.exclude(deleted_at=None).filter(pk=mailing_id).first()
    if row is None or not may_change(row, by):
        raise errors.NotFound(_("There is nothing to have back any more."))
    row.deleted_at = None
    row.next_at = row.next_at and rhythm.following(row, now)
    _write(row)
    return row


def stop(mailing: ReportMailing, by: User, *, now: dt.datetime) -> None:
    """They want no more of it; what waits for them is not sent. Raises NotFound: they get none."""
    if not mailing.readers.filter(user=by, stopped_at=None).update(stopped_at=now):
        raise errors.NotFound(_("You do not get this by mail."))
    waits = mailing.mails.filter(to=by, due_at__isnull=False)
    waits.update(due_at=None, last_error=_("They asked for no more."))


def go_on(mailing: ReportMailing, by: User) -> None:
    """They want it again. Raises NotFound."""
    if not mailing.readers.filter(user=by).exclude(stopped_at=None).update(stopped_at=None):
        raise errors.NotFound(_("You have not asked to get no more of this."))


def send_now(mailing: ReportMailing, to: User, *, now: dt.datetime) -> ReportMail:
    """Have the worker send what would be due now to this person alone. Raises TooLate: one was
    asked for a moment ago, so that a second click sends no second mail.
    """
    days = rhythm.days_of(mailing, now)
    with transaction.atomic():
        ReportMailing.objects.select_for_update().get(pk=mailing.pk)
        asked = mailing.mails.filter(to=to, by_hand=True)
        if asked.filter(Q(due_at__isnull=False) | Q(created_at__gt=now - AGAIN)).exists():
            raise errors.TooLate(_("One is on its way to you already."))
        return ReportMail.objects.create(
            mailing=mailing, to=to, first=days.first, last=days.last, by_hand=True,
            created_at=now, due_at=now,
        )  # fmt: skip


def send_again(mailing: ReportMailing, by: User, *, now: dt.datetime) -> int:
    """Have mails that were given up tried anew; returns how many. Raises NotAllowed."""
    require_may(mailing, by)
    given_up = mailing.mails.filter(due_at=None, sent_at=None, attempts__gt=0, to__is_active=True)
    stopped = mailing.readers.exclude(stopped_at=None).values("user")
    latest = given_up.exclude(to__in=stopped).order_by("to", "-last", "-pk").distinct("to")
    return ReportMail.objects.filter(pk__in=list(latest.values_list("pk", flat=True))).update(
        due_at=now, attempts=0, last_error=""
    )


def require_may(mailing: ReportMailing, by: User) -> None:
    """Raises NotAllowed: they do not change it."""
    if not may_change(mailing, by):
        raise errors.NotAllowed(
            _("Only {owner} and RevOps change this mailing.").format(owner=mailing.owner)
        )


def _require(wanted: Wanted, by: User, mailing: ReportMailing | None) -> None:
    if mailing is not None:
        require_may(mailing, by)
    faults = []
    if not wanted.parts:
        faults.append(FieldError("parts", _("Choose at least one KPI.")))
    if len(wanted.parts) > MOST_PARTS:
        told = _("Choose {most} at most; you chose {number}.")
        said = told.format(most=MOST_PARTS, number=len(wanted.parts))
        faults.append(FieldError("parts", said))
    if not wanted.readers or len(wanted.readers) > MOST_READERS:
        told = _("Choose somebody it goes to, {most} at most.")
        faults.append(FieldError("readers", told.format(most=MOST_READERS)))
    if faults:
        raise errors.InvalidInput(faults[0].message, errors=faults)
    kept = {by.pk} | ({one.user_id for one in mailing.readers.all()} if mailing else set())
    if {one.pk for one in wanted.readers} - kept and not may_send_to_others(by):
        raise errors.NotAllowed(_("Managers and RevOps have figures mailed to others."))


def _write(row: ReportMailing) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        fault = FieldError("name", _("There is one of this name already; choose another."))
        raise errors.InvalidInput(fault.message, errors=[fault]) from None


def _name(text: str) -> str:
    name = " ".join(cleansing.clean_text(text, LONGEST, field="name").split())
    if not name:
        fault = FieldError("name", _("Give it a name."))
        raise errors.InvalidInput(fault.message, errors=[fault])
    return name
