"""Findings: added by hand, given to somebody, decided, done. Each act is logged with what was."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from core import errors
from core.errors import FieldError
from people.models import Role, User
from reports.models import Review, ReviewFinding, ReviewState, ReviewStep
from reports.reviews import closing, holding, log, months, rights, telling

Kind = ReviewStep.Kind
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Given:
    """What a form says of a finding. Without a decision it is still to be decided."""

    text: str
    owner: User | None = None
    due_on: dt.date | None = None
    decision: str = ""
    reason: str = ""


@transaction.atomic
def add(
    number: str, given: Given, *, by: User, now: dt.datetime, section: str = "", row_key: str = ""
) -> ReviewFinding:
    """Add a finding by hand. Raises NotAllowed, NotFound, TooLate or InvalidInput."""
    rights.require_works(by)
    review = holding.locked(number)
    holding.require_unfinished(review)
    given = _checked(given, None, by=by, now=now)
    last = review.findings.aggregate(last=Max("number"))["last"] or 0
    finding = ReviewFinding.objects.create(
        review=review,
        number=last + 1,
        rule=ReviewFinding.Rule.HAND,
        section=section[:40],
        row_key=row_key[:200],
        text=given.text,
        owner=given.owner,
        due_on=given.due_on,
        decision=given.decision,
        reason=given.reason,
        created_at=now,
        created_by=by,
    )
    log.append(review, Kind.ADDED, by=by, now=now, finding=finding, after=log.state(finding))
    closing.changed(review, by=by, now=now)
    telling.given(finding, by=by, now=now)
    return finding


@transaction.atomic
def change(
    number: str, place: int, given: Given, *, by: User, now: dt.datetime, seen: str = ""
) -> ReviewFinding:
    """Give a finding to somebody, decide on it, word it anew.

    `seen` is the state its form was opened on (`state_of`): what somebody changed since is not
    overwritten. Raises NotAllowed, NotFound, TooLate or InvalidInput.
    """
    rights.require_works(by)
    review = holding.locked(number)
    holding.require_unfinished(review)
    finding = holding.finding_of(review, place)
    _require_not_done(finding)
    if seen and seen != state_of(finding):
        raise errors.TooLate(
            f"Finding {place} was changed since you opened it. Open it again.",
            code="changed_since",
            state=log.state(finding),
        )
    given = _checked(given, finding, by=by, now=now)
    before = log.state(finding)
    for name in ("text", "owner", "due_on", "decision", "reason"):
        setattr(finding, name, getattr(given, name))
    after = log.state(finding)
    if after == before:
        return finding
    finding.save(update_fields=["text", "owner", "due_on", "decision", "reason"])
    log.append(review, Kind.CHANGED, by=by, now=now, finding=finding, before=before, after=after)
    closing.changed(review, by=by, now=now)
    if after["owner"] != before["owner"]:
        telling.given(finding, by=by, now=now)
    return finding


@transaction.atomic
def done(number: str, place: int, *, by: User, note: str, now: dt.datetime) -> ReviewFinding:
    """Report that what was decided is done, in a review that is closed, too.

    Its owner does, or who works on reviews. Raises NotAllowed, NotFound, TooLate, InvalidInput.
    """
    review = holding.locked(number)
    finding = holding.finding_of(review, place)
    require_touches(finding, by)
    _require_not_done(finding)
    if finding.decision in ("", *ReviewFinding.SETTLED):
        raise errors.TooLate("Nothing was decided that could be done.", code="wrong_standing")
    if hasattr(finding, "carried_to"):
        later = finding.carried_to
        raise errors.TooLate(
            f"It was carried over: report it as {later.review.number}/{later.number}."
        )
    finding.done_note = _text("note", note, needed="Say what was done.")
    finding.done_at, finding.done_by = now, by
    finding.save(update_fields=["done_at", "done_by", "done_note"])
    after = {"note": finding.done_note}
    log.append(review, Kind.DONE, by=by, now=now, finding=finding, after=after)
    if review.state != ReviewState.CLOSED:
        closing.changed(review, by=by, now=now)
    return finding


def state_of(finding: ReviewFinding) -> str:
    """What a form was opened on, short enough to be sent along."""
    told: dict[str, Any] = log.state(finding)
    return closing.short(told)


def people() -> Any:
    """Who can own a finding: everybody who logs in."""
    rows = User.objects.filter(is_active=True).exclude(role=Role.SERVICE)
    return rows.order_by("first_name", "last_name", "pk")


def open_of(user: User) -> Any:
    """The findings this person is to do, the first due first."""
    rows = ReviewFinding.objects.filter(
        owner=user, done_at__isnull=True, carried_to__isnull=True
    ).exclude(decision__in=ReviewFinding.SETTLED)
    return rows.select_related("review").order_by("due_on", "pk")


def require_of(review: Review, user: User) -> None:
    """Raise NotAllowed unless this person may change its findings."""
    rights.require_works(user)
    holding.require_unfinished(review)


def require_touches(finding: ReviewFinding, user: User) -> None:
    """Raise NotAllowed unless this person does anything about a finding: its owner, who works."""
    if finding.owner_id != user.pk:
        rights.require_works(user)


def _require_not_done(finding: ReviewFinding) -> None:
    if finding.done_at is not None:
        raise errors.TooLate(f"{finding.done_by} has reported it as done.")


def _checked(given: Given, before: ReviewFinding | None, *, by: User, now: dt.datetime) -> Given:
    """The same, cleaned. Raises InvalidInput naming each field that will not do."""
    faults: list[FieldError] = []
    text = _text("text", given.text, needed="Say what was found.", faults=faults)
    reason = _text("reason", given.reason, faults=faults)
    if given.decision and given.decision not in ReviewFinding.Decision.values:
        faults.append(FieldError("decision", "There is no such decision.", "choice"))
    if given.decision and not reason:
        faults.append(FieldError("reason", "Say why this was decided.", "required"))
    if given.owner is not None and not _can_own(given.owner):
        faults.append(FieldError("owner", "An owner is a person who can log in.", "choice"))
    today = months.today(now)
    kept = before is not None and before.due_on == given.due_on
    if given.due_on is not None and given.due_on < today and not kept:
        faults.append(FieldError("due_on", "This day is over already.", "date"))
    if faults:
        raise errors.InvalidInput(faults[0].message, errors=faults)
    owner = given.owner
    if owner is None and given.decision in ReviewFinding.SETTLED:
        owner = by  # who settles it answers for that
    return Given(text, owner, given.due_on, given.decision, reason)


def _can_own(user: User) -> bool:
    return user.is_active and user.role != Role.SERVICE


def _text(
    name: str, given: str, *, needed: str = "", faults: list[FieldError] | None = None
) -> str:
    """The text without its margins. What will not do is added to `faults`, or raised."""
    text = given.strip().replace("\0", "")
    message = needed if needed and not text else ""
    if len(text) > LONGEST:
        message = f"Use at most {LONGEST} characters."
    if message:
        fault = FieldError(name, message)
        if faults is None:
            raise errors.InvalidInput(message, errors=[fault])
        faults.append(fault)
    return text
