"""Previews as people and systems ask for them: who may, under which versions, for which instant."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import DomainError, FieldError, InvalidInput, NotAllowed
from governance import deputies, signing, texts
from governance import selectors as kits
from governance.kit import Kit
from governance.models import KitStatus, KitVersion
from leads.models import Lead
from lifecycle import permissions, previewing
from lifecycle.previewing import Preview, Wanted
from people.models import User
from routing import decision_seen, pool_rights
from routing.discretion import Sight

OPEN = (KitStatus.ACTIVE, KitStatus.SCHEDULED, KitStatus.IN_REVIEW, KitStatus.DRAFT)
"""Versions that can be previewed, in the order in which they are offered."""

BEFORE = dt.timedelta(minutes=5)
FARTHEST = dt.timedelta(days=366)
HIGHEST = 2**31 - 1
WIDEST_SCORE = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What to look at: a lead that is there, or a touch as the capture API takes it.

    `versions` are numbers of kits; None is the one in force. `scope` is the touch's as at capture.
    """

    lead: Lead | None = None
    touch: object = None
    scope: str = "console"
    versions: Sequence[int | None] = (None,)
    moment: str = ""
    at: dt.datetime | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """The preview under one version, or why there is none."""

    version: KitVersion
    preview: Preview | None = None
    refusal: str = ""


def ask(asked: Asked, *, by: User, now: dt.datetime) -> list[Side]:
    """Preview under each of the versions, with what this person may see of their colleagues. The
    lead must be one that they see.

    Raises NotAllowed for who may only look at leads that are there, and InvalidInput naming each
    field that cannot be used. What a single version cannot answer is told in its place.
    """
    if asked.lead is None:
        require_paster(by)
    at = _instant(asked.at, now)
    if asked.moment and asked.moment not in previewing.MOMENTS:
        raise _fault("moment", f"Choose one of {', '.join(previewing.MOMENTS)}, or none.")
    if asked.score is not None and not abs(asked.score) <= WIDEST_SCORE:
        raise _fault("score", "Give a number below a million.")
    versions = [_version(number, by=by, now=now) for number in dict.fromkeys(asked.versions)]
    sight = pool_rights.sight_of(by)
    return [_seen(_side(version, asked, at), sight) for version in dict.fromkeys(versions)]


def offered(by: User, *, now: dt.datetime) -> list[KitVersion]:
    """The versions this person may choose from, the one in force first."""
    wanted = OPEN if sees_drafts(by, now=now) else (KitStatus.ACTIVE,)
    found = list(KitVersion.objects.filter(status__in=wanted).order_by("-number"))
    return sorted(found, key=lambda one: OPEN.index(KitStatus(one.status)))


def sees_drafts(by: User, *, now: dt.datetime) -> bool:
    """Whether this person looks into versions that were never in force."""
    return signing.works_on_kits(by) or bool(deputies.stood_in_for(by, at=now))


def require_paster(by: User) -> None:
    """For RevOps, managers and integrations. Raises NotAllowed."""
    if not permissions.previews_touches(by):
        raise NotAllowed(
            "Only RevOps and managers preview leads that are not there yet; pick one that you see."
        )


def _instant(at: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    if at is None:
        return now
    if not now - BEFORE <= at <= now + FARTHEST:
        raise _fault(
            "at", "Choose now or an instant within the next year: who was free in the past, and "
            "what they held then, stands in the decision records.",
        )  # fmt: skip
    return at


def _version(number: int | None, *, by: User, now: dt.datetime) -> KitVersion:
    if number is None:
        active = kits.active_version()
        if active is None:
            raise kits.NoActiveKit
        return active
    row = KitVersion.objects.filter(number=min(max(number, 0), HIGHEST), status__in=OPEN).first()
    if row is None or (row.status != KitStatus.ACTIVE and not sees_drafts(by, now=now)):
        raise _fault("version", "There is no such version in force or on its way, or none you may "
                     "see.")  # fmt: skip
    return row


def _side(version: KitVersion, asked: Asked, at: dt.datetime) -> Side:
    try:
        wanted = Wanted(_kit(version), at, asked.moment, asked.score)
        if asked.lead is not None:
            return Side(version, previewing.of_lead(asked.lead, wanted=wanted))
        return Side(version, previewing.of_touch(asked.touch, scope=asked.scope, wanted=wanted))
    except InvalidInput as refusal:
        if refusal.code != "kit_invalid":
            raise
        return Side(version, refusal=refusal.message)
    except DomainError as refusal:
        return Side(version, refusal=refusal.message)


def _seen(side: Side, sight: Sight) -> Side:
    """With the decision as this reader may see it."""
    preview = side.preview
    if preview is None or preview.decision is None:
        return side
    decision = decision_seen.of(preview.decision, sight)
    return dataclasses.replace(side, preview=dataclasses.replace(preview, decision=decision))


def _kit(version: KitVersion) -> Kit:
    if version.status == KitStatus.ACTIVE:
        return kits.kit_of(version.pk)
    return texts.compiled(version)


def _fault(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors=[FieldError(field, message)])
