"""The way of a kit version. One door for each step; nothing else changes where a version stands.

    draft ─▶ parts are edited ─▶ check, simulate ─▶ submit ─▶ sign ─▶ publish, or schedule ─▶ active
       ▲                                              │                                        │
       └───────────────── reopen ─────────────────────┘          the version before is retired ┘

Signatures pin the draft's text and its base's, so an edit afterwards makes them void by itself.
Beside it: `rebasing` (onto another base), `rollback` (an earlier text again), `emergencies`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from core import errors
from governance import (
    deputies,
    documents,
    findings,
    holding,
    kit_log,
    requirements,
    selectors,
    signing,
    texts,
)
from governance.holding import OPEN, UNDER_REVIEW, KitBusy, locked, save
from governance.kit import KitInvalid, checksum
from governance.models import KitEvent, KitStatus, KitVersion, Signature
from governance.texts import (
    check,
    check_document,
    compiled,
    compiled_document,
    consent,
    document_of,
)
from people.models import User

__all__ = [
    "OPEN",
    "KitBusy",
    "check",
    "check_document",
    "checksum",
    "compiled",
    "compiled_document",
    "consent",
    "document_of",
    "draft",
    "draft_from_document",
    "publish",
    "publish_due",
    "reopen",
    "schedule",
    "sign",
    "submit",
    "withdraw",
]

Step = KitEvent.Kind


@transaction.atomic
def draft(
    *,
    base: KitVersion | None,
    title: str,
    by: User,
    now: datetime,
    notes: str = "",
    restores: KitVersion | None = None,
) -> KitVersion:
    """A new draft with a copy of `base`'s parts (none: an empty one), against the active kit.

    `restores` marks a draft that brings an earlier text back.
    """
    version = _new_version(title=title, by=by, now=now, notes=notes, restores=restores)
    if base is not None:
        documents.copy_parts(base, version, by=by, now=now)
    return version


@transaction.atomic
def draft_from_document(
    document: dict[str, Any], *, title: str, by: User, now: datetime
) -> KitVersion:
    """A new draft with the parts of a document. Raises `KitInvalid`, naming each faulty entry."""
    version = _new_version(title=title, by=by, now=now)
    documents.write_parts(document, version, by=by, now=now)
    return version


@transaction.atomic
def submit(
    version: KitVersion,
    *,
    by: User,
    now: datetime,
    note: str = "",
    emergency_reason: str = "",
    publish_when_signed: bool = False,
) -> KitVersion:
    """A draft is read by those who must sign it: DRAFT to IN_REVIEW.

    Raises `KitInvalid` (errors of the check), `NoteRequired` (warnings without a note),
    `NotSimulated`, `NothingChanged`, or `TooLate` when another version became active since. The
    first version, one that restores an earlier text, and an emergency need no simulation.
    """
    signing.require_may_publish(by)
    version = locked(version, (KitStatus.DRAFT,))
    active = selectors.active_version()
    requirements.require_base(version, active)
    note = note.strip() or version.review_note
    document = document_of(version)
    requirements.require_sound(check(version, document), note=note)
    text = checksum(document)
    if active is not None and text == active.checksum:
        raise requirements.NothingChanged(
            f"Kit v{version.number} says what v{active.number} says already."
        )
    if emergency_reason:
        requirements.require_reason(emergency_reason)
    elif active is not None and not texts.restores(version):
        requirements.require_simulation(version, text, active)
    version.status, version.submitted_at, version.submitted_by = KitStatus.IN_REVIEW, now, by
    version.submitted_checksum, version.review_note = text, note
    version.emergency_reason = emergency_reason.strip()
    version.publish_when_signed = publish_when_signed
    version.setback = ""
    changed = [
        "status", "submitted_at", "submitted_by", "submitted_checksum", "review_note",
        "emergency_reason", "publish_when_signed", "setback",
    ]  # fmt: skip
    save(version, *changed, by=by, now=now, why="submitted for review")
    kit_log.append(version, Step.SUBMITTED, by=by, now=now)
    return version


@transaction.atomic
def reopen(version: KitVersion, *, by: User, now: datetime, why: str = "") -> KitVersion:
    """Back to draft, to be edited. Once edited, the signatures it bears no longer count."""
    signing.require_may_publish(by)
    version = locked(version, UNDER_REVIEW, to="take it back")
    kit_log.append(version, Step.REOPENED, by=by, now=now, why=why)
    version.status, version.submitted_checksum = KitStatus.DRAFT, ""
    version.effective_from = version.scheduled_by = version.shadow_since = None
    version.publish_when_signed = False
    changed = (
        "status", "submitted_checksum", "effective_from", "scheduled_by", "shadow_since",
        "publish_when_signed",
    )  # fmt: skip
    save(version, *changed, by=by, now=now, why=why or "back to draft")
    return version


def sign(
    version: KitVersion, *, party: str, by: User, now: datetime, seen: str | None = None
) -> Signature:
    """`by` consents, for Sales, Marketing or as approver, to the text that is in review.

    `seen` is the checksum of the text that was shown to the signer: raises `TooLate` when it is
    another by now. Raises `NotAllowed` when this person cannot sign for that party. A version that
    is to be published when signed comes into force with the last signature.
    """
    signature = _sign(version, party=party, by=by, now=now, seen=seen)
    if KitVersion.objects.filter(
        pk=version.pk, status=KitStatus.IN_REVIEW, publish_when_signed=True
    ).exists():
        _publish_unless_refused(version, now=now)
    return signature


@transaction.atomic
def _sign(
    version: KitVersion, *, party: str, by: User, now: datetime, seen: str | None
) -> Signature:
    version = locked(version, (*UNDER_REVIEW, KitStatus.ACTIVE), to="sign it")
    if version.status == KitStatus.ACTIVE and not _awaits_countersignature(version):
        raise holding.WrongStanding(
            f"Kit v{version.number} is in force; nothing is left to sign.",
            state={"status": version.status, "checksum": version.checksum},
        )
    if version.status != KitStatus.ACTIVE:
        requirements.require_base(version, selectors.active_version())
    standing = consent(version)
    asked = standing.question
    if seen is not None and seen != asked.text:
        raise errors.TooLate(
            f"Kit v{version.number} was edited since you read it. Read it again, then sign.",
            state={"checksum": asked.text},
        )
    requirements.require_untouched(version, asked.text)
    principal = signing.require_may_sign(
        party,
        by,
        question=asked,
        standing=standing,
        stands_in_for=deputies.stood_in_for(by, at=now),
    )
    signature, is_new = Signature.objects.get_or_create(
        kit=version,
        party=party,
        by=by,
        checksum=asked.text,
        defaults={"base_checksum": asked.base, "signed_at": now, "deputy_of": principal},
    )
    after = signing.consent(asked, [*standing.valid, signature])
    in_force = version.status == KitStatus.ACTIVE
    if in_force and after.is_given:
        version.countersigned_at = now
        save(version, "countersigned_at", by=by, now=now, why="countersigned")
    if is_new:
        step = Step.COUNTERSIGNED if in_force else Step.SIGNED
        given = {"signature": signature.pk, "missing": list(after.missing)}
        kit_log.append(version, step, by=by, now=now, **given)
    return signature


@transaction.atomic
def schedule(version: KitVersion, *, by: User, at: datetime, now: datetime) -> KitVersion:
    """A signed version comes into force at an instant to come (UTC), by the worker.

    Raises `MissingSignatures`, or `InvalidInput` when the instant is past.
    """
    signing.require_may_publish(by)
    version = locked(version, UNDER_REVIEW, to="schedule it")
    requirements.require_base(version, selectors.active_version())
    if at <= now:
        message = "Choose an instant to come, or publish it now."
        raise errors.InvalidInput(message, errors=[errors.FieldError("at", message)])
    standing = consent(version)
    requirements.require_untouched(version, standing.question.text)
    signing.require_signed(standing)
    version.status, version.effective_from = KitStatus.SCHEDULED, at
    version.scheduled_by, version.setback = by, ""
    changed = ("status", "effective_from", "scheduled_by", "setback")
    save(version, *changed, by=by, now=now, why="scheduled")
    kit_log.append(version, Step.SCHEDULED, by=by, now=now, at=at.isoformat())
    return version


@transaction.atomic
def unschedule(version: KitVersion, *, by: User, now: datetime, setback: str = "") -> KitVersion:
    """Back to review; its signatures still count. `setback` says why, when it was not wanted."""
    signing.require_may_publish(by)
    version = locked(version, (KitStatus.SCHEDULED,), to="cancel its schedule")
    kit_log.append(version, Step.UNSCHEDULED, by=by, now=now, why=setback)
    version.status, version.setback = KitStatus.IN_REVIEW, setback
    version.effective_from = version.scheduled_by = None
    changed = ("status", "setback", "effective_from", "scheduled_by")
    save(version, *changed, by=by, now=now, why=setback or "schedule cancelled")
    return version


@transaction.atomic
def publish(
    version: KitVersion,
    *,
    by: User,
    now: datetime,
    emergency_reason: str = "",
    by_itself: bool = False,
) -> KitVersion:
    """Put a signed version in force and retire the version before it, in one step.

    With an `emergency_reason` (here or at submission) one signer is enough for a while: then the
    change reverts by itself unless the missing ones sign. Raises `TooLate` when somebody was first
    or another version became active since, `KitInvalid` when it cannot be executed,
    `MissingSignatures` when it is not signed. `by_itself`: `by` asked for it at an earlier time.
    """
    signing.require_may_publish(by)
    # Checked before the kit is held: nothing moves while it is.
    if faults := findings.errors_of(check(version)):
        raise KitInvalid(faults)
    with holding.alone_with_the_kit():
        version = locked(version, UNDER_REVIEW, to="publish it")
    active = KitVersion.objects.select_for_update().filter(status=KitStatus.ACTIVE).first()
    requirements.require_base(version, active)
    document = document_of(version)
    standing = consent(version, document)
    requirements.require_untouched(version, standing.question.text)
    reason = emergency_reason.strip() or version.emergency_reason
    if standing.is_given or not reason or active is None:
        signing.require_signed(standing)
    else:
        requirements.require_reason(reason)
        requirements.require_one_signer(standing)
        hours = selectors.kit_of(active.pk).general.emergency
        version.emergency_reason, version.expires_at = reason, now + hours
    put_in_force(version, document, over=active, by=by, now=now, by_itself=by_itself)
    return version


def put_in_force(
    version: KitVersion,
    document: dict[str, Any],
    *,
    over: KitVersion | None,
    by: User | None,
    now: datetime,
    by_itself: bool = False,
) -> None:
    """Retire `over` and make this version the active one. The caller holds the kit and judged."""
    if over is not None:
        over.status, over.retired_at = KitStatus.RETIRED, now
        save(over, "status", "retired_at", by=by, now=now, why=f"v{version.number} took over")
    version.status, version.document = KitStatus.ACTIVE, document
    version.checksum = checksum(document)
    version.published_at, version.published_by = now, by
    version.effective_from, version.shadow_since, version.setback = now, None, ""
    changed = (
        "status", "document", "checksum", "published_at", "published_by", "effective_from",
        "shadow_since", "setback", "emergency_reason", "expires_at",
    )  # fmt: skip
    save(version, *changed, by=by, now=now, why="published")
    kit_log.append(version, Step.PUBLISHED, by=by, now=now, by_itself=by_itself or by is None)


def publish_due(*, now: datetime) -> int:
    """Publish every scheduled version whose instant has come; returns how many came into force.

    One that cannot (another version became active, an error was found) goes back to review and
    says why; one that only has to wait is tried again by the next pass.
    """
    due = KitVersion.objects.filter(status=KitStatus.SCHEDULED, effective_from__lte=now)
    return sum(_publish_unless_refused(row, now=now) for row in due.order_by("effective_from"))


@transaction.atomic
def withdraw(version: KitVersion, *, by: User, now: datetime) -> KitVersion:
    """Give a version up; its text stays readable. Raises `TooLate` once it was published."""
    signing.require_may_publish(by)
    version = locked(version)
    kit_log.append(version, Step.WITHDRAWN, by=by, now=now)
    version.status, version.shadow_since = KitStatus.WITHDRAWN, None
    save(version, "status", "shadow_since", by=by, now=now, why="withdrawn")
    return version


def _publish_unless_refused(version: KitVersion, *, now: datetime) -> bool:
    by = version.scheduled_by or version.submitted_by
    if by is None or not consent(version).is_given:
        return False
    try:
        publish(version, by=by, now=now, by_itself=True)
    except KitBusy:
        return False
    except errors.DomainError as refusal:
        listed = " ".join(f"{fault.field}: {fault.message}" for fault in refusal.errors[:5])
        _set_back(version, f"{refusal.message} {listed}".strip(), now=now)
        return False
    return True


@transaction.atomic
def _set_back(version: KitVersion, why: str, *, now: datetime) -> None:
    row = locked(version, UNDER_REVIEW)
    kit_log.append(row, Step.SET_BACK, by=None, now=now, why=why)
    row.status, row.setback, row.publish_when_signed = KitStatus.IN_REVIEW, why, False
    row.effective_from = row.scheduled_by = None
    changed = ("status", "setback", "publish_when_signed", "effective_from", "scheduled_by")
    save(row, *changed, by=None, now=now, why="could not come into force")


def _new_version(
    *,
    title: str,
    by: User | None,
    now: datetime,
    notes: str = "",
    restores: KitVersion | None = None,
) -> KitVersion:
    version = KitVersion(
        number=holding.next_number(),
        title=title,
        notes=notes,
        base=selectors.active_version(),
        restores=restores,
        created_at=now,
        created_by=by,
    )
    save(version, by=by, now=now)
    return version


def _awaits_countersignature(version: KitVersion) -> bool:
    return version.expires_at is not None and version.countersigned_at is None
