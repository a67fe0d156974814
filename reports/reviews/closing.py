"""Closing a review: RevOps asks for signatures, Sales and Marketing sign the same text, it closes.

Signatures are given on the checksum of the text. A change after one makes it void: the text is
another, and both sign anew. With the last signature the review closes and never changes again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from core import errors
from governance import deputies, signing
from people.models import User
from reports.models import Review, ReviewSignature, ReviewState, ReviewStep
from reports.reviews import closing_rules, content, holding, log, pack_html, rights, tables, telling
from reports.reviews.content import Text

Kind = ReviewStep.Kind
Party = ReviewSignature.Party
PARTIES = closing_rules.PARTIES


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the signing stands: whose signatures count, which are void, whose are missing."""

    checksum: str
    valid: tuple[ReviewSignature, ...]
    void: tuple[ReviewSignature, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The parties that have not signed this text."""
        signed = {one.party for one in self.valid}
        return tuple(party for party in PARTIES if party not in signed)


def standing(review: Review, checksum: str) -> Standing:
    """Which signatures count for this text. One query."""
    rows = review.signatures.select_related("by", "deputy_of").order_by("signed_at", "pk")
    valid = tuple(one for one in rows if one.checksum == checksum)
    return Standing(checksum, valid, tuple(one for one in rows if one not in valid))


def parties_for(user: User, stand: Standing, *, now: dt.datetime) -> dict[str, User | None]:
    """The missing parties this person can sign for, with whom they stand in for (None: self)."""
    can = signing.parties_of(user, deputies.stood_in_for(user, at=now))
    return {
        party: can[party]
        for party in stand.missing
        if party in can and not _is_same_person(user, can[party], stand)
    }


@transaction.atomic
def submit(number: str, *, by: User, now: dt.datetime) -> Review:
    """Ask Sales and Marketing to sign. Raises NotAllowed, TooLate, or Lacking naming each finding
    that lacks a decision, an owner or a due date.
    """
    rights.require_leads(by)
    review = holding.locked(number)
    holding.require_unfinished(review)
    if review.state == ReviewState.SIGNING:
        raise errors.TooLate("The signatures have been asked for already.")
    if lacking := content.lacks(review.findings.order_by("number")):
        raise Lacking(lacking)
    _move(review, ReviewState.SIGNING)
    text = content.of(review).checksum
    log.append(review, Kind.SUBMITTED, by=by, now=now, after={"text": text})
    telling.to_sign(review, standing(review, text).missing, text, now=now)
    return review


@transaction.atomic
def take_back(number: str, *, by: User, now: dt.datetime) -> Review:
    """Go on working on it. Signatures stay, and count again only for the very same text."""
    rights.require_leads(by)
    review = holding.locked(number)
    holding.require_unfinished(review)
    if review.state == ReviewState.SIGNING:
        _move(review, ReviewState.OPEN)
        log.append(review, Kind.BACK, by=by, now=now)
    return review


@transaction.atomic
def sign(number: str, party: str, *, by: User, seen: str, now: dt.datetime) -> ReviewSignature:
    """Sign the text whose checksum the signer has `seen`; the last signature closes the review.

    Raises NotAllowed, InvalidInput, or TooLate where the text is another by now.
    """
    review = holding.locked(number)
    holding.require_unfinished(review)
    if review.state != ReviewState.SIGNING:
        raise errors.TooLate("RevOps has not asked for signatures yet.", code="wrong_standing")
    text = content.of(review)
    if seen != text.checksum:
        raise errors.TooLate(
            "It was changed since you opened it. Read it again, then sign.",
            code="changed_since",
            state={"checksum": text.checksum},
        )
    stand = standing(review, text.checksum)
    principal = _require_may_sign(party, by, stand, now=now)
    signature = ReviewSignature.objects.create(
        review=review, party=party, by=by, deputy_of=principal, checksum=text.checksum,
        signed_at=now,
    )  # fmt: skip
    after = {"party": party, "text": text.checksum}
    if principal is not None:
        after["deputy_of"] = str(principal.pk)
    log.append(review, Kind.SIGNED, by=by, now=now, after=after)
    if stand.missing == (party,):
        _close(review, text, (*stand.valid, signature), now=now)
    telling.signed(review, by, now=now)
    return signature


def changed(review: Review, *, by: User, now: dt.datetime) -> None:
    """After a change: earlier signatures are void, said in the log; an unfinished text goes back.

    The caller holds the review and has written the change.
    """
    if review.state != ReviewState.SIGNING:
        return
    text = content.of(review)
    _note_void(review, text, by=by, now=now)
    if lacking := content.lacks(review.findings.order_by("number")):
        _move(review, ReviewState.OPEN)
        log.append(review, Kind.BACK, by=by, now=now, after={"lacks": lacking})
    else:
        telling.to_sign(review, standing(review, text.checksum).missing, text.checksum, now=now)


def short(told: Mapping[str, Any]) -> str:
    """A few digits that stand for what is told."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


class Lacking(errors.DomainError):
    """Findings are not decided, or nobody's; the message names each."""

    code = "findings_lack"

    def __init__(self, lacking: Sequence[str]) -> None:
        super().__init__(" ".join(lacking), state={"lacks": list(lacking)})


def _note_void(review: Review, text: Text, *, by: User, now: dt.datetime) -> None:
    last = review.log.filter(kind__in=[Kind.SIGNED, Kind.VOIDED]).order_by("-pk").first()
    if last is None or last.kind == Kind.VOIDED:
        return
    stand = standing(review, text.checksum)
    if stand.valid or not stand.void:
        return
    void = {"parties": sorted({one.party for one in stand.void}), "text": last.after.get("text")}
    log.append(review, Kind.VOIDED, by=by, now=now, before=void, after={"text": text.checksum})


def _require_may_sign(party: str, by: User, stand: Standing, *, now: dt.datetime) -> User | None:
    """Whom `by` stands in for, None for themselves."""
    if party not in PARTIES:
        raise errors.InvalidInput(f"“{party[:20]}” signs no reviews; Sales and Marketing do.")
    if party not in stand.missing:
        (first,) = (one for one in stand.valid if one.party == party)
        raise errors.TooLate(f"{first.by} has signed for {first.get_party_display()} already.")
    can = signing.parties_of(by, deputies.stood_in_for(by, at=now))
    if party not in can:
        role = "a manager" if party == Party.SALES else "Marketing"
        raise errors.NotAllowed(
            f"{by} cannot sign for {Party(party).label}: that takes {role}, or a deputy of theirs."
        )
    if _is_same_person(by, can[party], stand):
        other = stand.valid[0]
        raise errors.NotAllowed(
            f"{other.by} has signed for {other.get_party_display()}: {Party(party).label} must be "
            "another person."
        )
    return can[party]


def _is_same_person(by: User, principal: User | None, stand: Standing) -> bool:
    """Whether a signature that counts is this person's already, or of whom they stand in for."""
    mine = {by.pk} | ({principal.pk} if principal else set())
    return any({one.by_id, one.deputy_of_id} & mine for one in stand.valid)


def _close(
    review: Review, text: Text, signed: Sequence[ReviewSignature], *, now: dt.datetime
) -> None:
    """The text and its signatures as they stand are the review's for ever."""
    review.content = {
        "text": text.document,
        "checksum": text.checksum,
        "signatures": [_signature(one) for one in sorted(signed, key=lambda one: one.signed_at)],
        "closed_at": tables.instant(now),
        "format": pack_html.FORMAT,
    }
    review.checksum = text.checksum
    review.pack_checksum = pack_html.checksum(review.content)
    review.closed_at = now
    review.state = ReviewState.CLOSED
    review.save(update_fields=["content", "checksum", "pack_checksum", "closed_at", "state"])
    log.append(review, Kind.CLOSED, by=None, now=now, after={"text": text.checksum})
    telling.closed(review, now=now)


def _signature(one: ReviewSignature) -> dict[str, str]:
    return {
        "party": str(one.get_party_display()),
        "by": str(one.by),
        "deputy_of": str(one.deputy_of or ""),
        "signed_at": tables.instant(one.signed_at) or "",
        "checksum": one.checksum,
    }


def _move(review: Review, state: ReviewState) -> None:
    review.state = state
    review.save(update_fields=["state"])
