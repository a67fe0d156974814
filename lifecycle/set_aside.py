"""What people do with touches that wait for them: parked ones, and suspected spam.

Whatever is tried is leased first, in a transaction of its own, as the sweep does. So two people and
the sweep at once try a touch one after the other at most, and one that went through is not tried
again: the pipeline advances a touch once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from core import database, errors
from core.errors import FieldError
from leads import cleansing, intake, partner_naming
from leads.models import Touch, TouchHandling, TouchStatus
from lifecycle import parking, permissions, pipeline, touch_words
from people.models import User

Act = TouchHandling.Act
AT_ONCE = 200
"""So many touches one act takes at most."""
LONGEST_REASON = 500
SET_ASIDE, DISCARDED = "set_aside", "discarded"
"""What a waiting touch's outcome says once a person has decided to leave it."""
WAITING = {TouchStatus.PARKED: "the exception queue", TouchStatus.QUARANTINED: "quarantine"}


class BeingTried(errors.TooLate):
    """The touch is being advanced at this very moment."""

    code = "being_tried"


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of touches that were tried again: how many went on, how many failed again.

    `passed_over` were not there any more, or were being tried by somebody else.
    """

    advanced: int
    failed: int
    passed_over: int


def retry(touch_ids: Iterable[int], *, by: User, now: dt.datetime | None = None) -> Tried:
    """Take parked touches through the pipeline again, now, each exactly once.

    What nobody could read waits until it is mended: of many it counts as failed. Raises NotAllowed,
    and InvalidInput for none, too many, or the only one that has to be mended first.
    """
    return _try(touch_ids, TouchStatus.PARKED, Act.RETRIED, by=by, now=now)


def let_through(touch_ids: Iterable[int], *, by: User, now: dt.datetime | None = None) -> Tried:
    """Suspected spam that is none goes the way of every touch, also what was discarded.

    Raises NotAllowed, and InvalidInput for none or too many.
    """
    return _try(touch_ids, TouchStatus.QUARANTINED, Act.RELEASED, by=by, now=now)


def put_aside(
    touch_ids: Iterable[int], *, by: User, reason: str, now: dt.datetime | None = None
) -> int:
    """Parked touches are tried no more by themselves, and wait for nobody; returns how many.

    They stay where they are, with the reason, and can still be tried. Raises NotAllowed, and
    InvalidInput without a reason or a touch.
    """
    said = _reason(reason, needed=True)
    return _mark(touch_ids, TouchStatus.PARKED, SET_ASIDE, Act.SET_ASIDE, said, by=by, now=now)


def discard(
    touch_ids: Iterable[int], *, by: User, reason: str = "", now: dt.datetime | None = None
) -> int:
    """Suspected spam is spam: it stays, marked, and waits for nobody; returns how many."""
    said = _reason(reason, needed=False)
    return _mark(touch_ids, TouchStatus.QUARANTINED, DISCARDED, Act.DISCARDED, said, by=by, now=now)


def mend(
    touch_id: int,
    body: Mapping[str, Any],
    *,
    by: User,
    seen: str,
    now: dt.datetime | None = None,
) -> Tried:
    """Give a parked touch another payload and try it; what it said before is kept.

    `body` is read as at every door. `seen` is the `fingerprint` of the payload that was shown.
    Raises InvalidInput naming each fault, and TooLate where somebody was faster.
    """
    permissions.require_keeper(by)
    with transaction.atomic():
        at = now or database.now()
        touch = _waiting_one(touch_id, TouchStatus.PARKED, at)
        if fingerprint(touch.payload) != seen:
            raise errors.TooLate("Somebody has changed this touchpoint meanwhile; look again.")
        reading = intake.read(dict(body), now=at, historical=touch.historical)
        if reading.errors:
            raise errors.InvalidInput("This cannot be taken as it is.", errors=list(reading.errors))
        _note([touch], Act.MENDED, by=by, at=at, before=True)
        _take_over(touch, reading)
        _lease([touch], at)
    return _told([touch_id], now, passed_over=0)


def fingerprint(payload: Mapping[str, Any]) -> str:
    """What to hand back with a changed payload, so that no change is overwritten unseen."""
    return intake.hash_of(dict(payload))


def _try(
    touch_ids: Iterable[int],
    status: TouchStatus,
    act: Act,
    *,
    by: User,
    now: dt.datetime | None,
) -> Tried:
    permissions.require_keeper(by)
    ids = _ids(touch_ids)
    with transaction.atomic():
        at = now or database.now()
        touches = [one for one in _locked(ids, status) if not _is_being_tried(one, at)]
        if not touches and len(ids) == 1:
            _waiting_one(ids[0], status, at)
        passed_over = len(ids) - len(touches)
        unread = [one for one in touches if faults(one, at)]
        if unread and len(ids) == 1:
            raise _to_be_mended(faults(unread[0], at))
        touches = [one for one in touches if one not in unread]
        _note(touches, act, by=by, at=at)
        _lease(touches, at)
    return _told([one.pk for one in touches], now, passed_over=passed_over, unread=len(unread))


def faults(touch: Touch, at: dt.datetime) -> list[FieldError]:
    """What forbids to take this touch as it is: doors keep for people what they cannot read."""
    return intake.read(touch.payload, now=at, historical=touch.historical).errors


def _to_be_mended(found: Sequence[FieldError]) -> errors.InvalidInput:
    told = touch_words.told(found[0])
    message = f"It cannot be taken as it is; open it and mend it. {told}"
    return errors.InvalidInput(message, errors=list(found))


def _told(
    ids: Sequence[int], now: dt.datetime | None, *, passed_over: int, unread: int = 0
) -> Tried:
    done = len(pipeline.advance(ids, now=now)) if ids else 0
    return Tried(done, len(ids) - done + unread, passed_over)


def _mark(
    touch_ids: Iterable[int],
    status: TouchStatus,
    outcome: str,
    act: Act,
    reason: str,
    *,
    by: User,
    now: dt.datetime | None,
) -> int:
    permissions.require_keeper(by)
    ids = _ids(touch_ids)
    with transaction.atomic():
        at = now or database.now()
        touches = [
            one
            for one in _locked(ids, status)
            if one.outcome != outcome and not _is_being_tried(one, at)
        ]
        if not touches and len(ids) == 1:
            _waiting_one(ids[0], status, at)
        _note(touches, act, by=by, at=at, reason=reason)
        Touch.objects.filter(pk__in=[one.pk for one in touches]).update(
            outcome=outcome, next_attempt_at=None, lease_until=None
        )
    return len(touches)


def _locked(ids: Sequence[int], status: TouchStatus) -> list[Touch]:
    rows = Touch.objects.filter(pk__in=ids, status=status).order_by("pk")
    return list(rows.select_for_update(no_key=True))


def _waiting_one(touch_id: int, status: TouchStatus, at: dt.datetime) -> Touch:
    """The one touch that somebody acts on, locked; else why it cannot be acted on."""
    touch = Touch.objects.select_for_update(no_key=True).filter(pk=touch_id).first()
    if touch is None:
        raise errors.NotFound(f"There is no touchpoint {touch_id}.")
    if touch.status != status:
        state = {"touch": str(touch_id), "status": touch.status, "lead": str(touch.lead_id or "")}
        raise errors.TooLate(
            f"This touchpoint is in {WAITING[status]} no more; it is "
            f"{touch.get_status_display().lower()}.",
            state=state,
        )
    if _is_being_tried(touch, at):
        raise BeingTried("This touchpoint is being tried at this moment; look again in a minute.")
    return touch


def _is_being_tried(touch: Touch, at: dt.datetime) -> bool:
    return touch.lease_until is not None and touch.lease_until > at


def _lease(touches: Sequence[Touch], at: dt.datetime) -> None:
    """As the sweep takes touches; a process that dies with them leaves them to the sweep."""
    until = at + parking.LEASE
    Touch.objects.filter(pk__in=[one.pk for one in touches]).update(
        status=F("status") if _all_parked(touches) else TouchStatus.RECEIVED,
        outcome="",
        attempts=F("attempts") + 1,
        lease_until=until,
        next_attempt_at=until,
    )


def _all_parked(touches: Sequence[Touch]) -> bool:
    return all(one.status == TouchStatus.PARKED for one in touches)


def _note(
    touches: Sequence[Touch],
    act: Act,
    *,
    by: User,
    at: dt.datetime,
    reason: str = "",
    before: bool = False,
) -> None:
    TouchHandling.objects.bulk_create(
        TouchHandling(
            touch=one, act=act, by=by, at=at, reason=reason,
            before=one.payload if before else None,
        )
        for one in touches
    )  # fmt: skip


def _take_over(touch: Touch, reading: intake.Reading) -> None:
    """The columns that repeat the payload. Its key and hash stay those of what came in."""
    touch.payload = reading.payload
    touch.channel = reading.channel
    touch.occurred_at = reading.occurred_at or touch.occurred_at
    touch.category, touch.medium = reading.category, reading.medium
    touch.campaign, touch.utm_source = reading.campaign, reading.utm_source
    touch.referrer_host = reading.referrer_host
    partner = partner_naming.said_in(reading.payload)
    touch.partner_key, touch.partner_domain = partner.name, partner.domain
    touch.save(
        update_fields=[
            "payload", "channel", "occurred_at", "category", "medium", "campaign", "utm_source",
            "referrer_host", "partner_key", "partner_domain",
        ]
    )  # fmt: skip


def _ids(touch_ids: Iterable[int]) -> list[int]:
    ids = sorted(set(touch_ids))
    if not ids:
        raise errors.InvalidInput("Choose at least one touchpoint.")
    if len(ids) > AT_ONCE:
        raise errors.InvalidInput(f"Choose at most {AT_ONCE} touchpoints at once.")
    return ids


def _reason(reason: str, *, needed: bool) -> str:
    said = cleansing.clean_text(reason, LONGEST_REASON) if reason.strip() else ""
    if needed and not said:
        message = "Say why it need not be tried any more, in a few words."
        raise errors.InvalidInput(message, errors=[FieldError("reason", message, "required")])
    return said
