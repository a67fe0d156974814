"""The signing of a review in words: what it lacks, who signed, whose signature is awaited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.urls import reverse

from core.texts import _
from people.models import User
from reports.models import Review, ReviewSignature, ReviewState
from reports.reviews import closing, content, rights
from web.console import words


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature; one that is void says so."""

    party: str
    line: str
    word: str
    tone: str


@dataclass(frozen=True, slots=True)
class Act:
    """A button: where it goes, what it says, what it sends along."""

    label: str
    url: str
    primary: bool


@dataclass(frozen=True, slots=True)
class Signing:
    """The panel. `seen` is the checksum of the text that the page shows."""

    sentence: str
    lacks: tuple[str, ...]
    rows: tuple[Signed, ...]
    acts: tuple[Act, ...]
    checksum: str
    seen: str
    packs: tuple[Act, ...]


def build(review: Review, reader: User, *, now: datetime, zone: tzinfo) -> Signing:
    """The panel of this review. Three queries at most."""
    closed = review.state == ReviewState.CLOSED
    checksum = review.checksum if closed else content.of(review).checksum
    stand = closing.standing(review, checksum)
    lacks = () if closed else tuple(content.lacks(review.findings.all()))
    rows = [_signed(one, valid=True, now=now, zone=zone) for one in stand.valid]
    rows += [_signed(one, valid=False, now=now, zone=zone) for one in stand.void if not closed]
    return Signing(
        sentence=_sentence(review, stand, lacks),
        lacks=lacks,
        rows=tuple(rows),
        acts=_acts(review, reader, stand, lacks, now=now),
        checksum=review.checksum,
        seen=checksum,
        packs=_packs(review) if closed else (),
    )


def _sentence(review: Review, stand: closing.Standing, lacks: tuple[str, ...]) -> str:
    if review.state == ReviewState.CLOSED:
        return _("Closed and signed: it never changes. What is to be put right is a finding of the "
                 "next review.")  # fmt: skip
    if review.state == ReviewState.SIGNING:
        missing = " and ".join(ReviewSignature.Party(one).label for one in stand.missing)
        return _("Awaits the signature of {missing}. A change makes signatures void; with the last "
                 "one it closes.").format(missing=missing)  # fmt: skip
    if lacks:
        return _("Before anybody can sign, each finding needs a decision, an owner and a due date.")
    return _("Every finding is decided: RevOps can ask Sales and Marketing to sign.")


def _signed(one: ReviewSignature, *, valid: bool, now: datetime, zone: tzinfo) -> Signed:
    at = words.moment(one.signed_at, now=now, zone=zone)
    who = (
        _("{by}, deputy of {deputy_of}, {at}").format(by=one.by, deputy_of=one.deputy_of, at=at)
        if one.deputy_of
        else _("{by}, {at}").format(by=one.by, at=at)
    )
    word = _("Signed") if valid else _("Void: it was changed since")
    return Signed(one.get_party_display(), who, word, "ok" if valid else "late")


def _acts(
    review: Review,
    reader: User,
    stand: closing.Standing,
    lacks: tuple[str, ...],
    *,
    now: datetime,
) -> tuple[Act, ...]:
    found = []
    if review.state == ReviewState.OPEN and rights.leads(reader) and not lacks:
        found.append(_act(review, _("Ask for signatures"), "submit", primary=True))
    if review.state == ReviewState.SIGNING:
        for party, principal in closing.parties_for(reader, stand, now=now).items():
            label = ReviewSignature.Party(party).label
            told = (
                _("Sign for {party} as deputy of {principal}").format(
                    party=label, principal=principal
                )
                if principal
                else _("Sign for {party}").format(party=label)
            )
            found.append(_act(review, told, f"sign-{party.lower()}", primary=True))
        if rights.leads(reader):
            found.append(_act(review, _("Take it back"), "back", primary=False))
    return tuple(found)


def _act(review: Review, label: str, act: str, *, primary: bool) -> Act:
    return Act(label, reverse("console:review-act", args=[review.number, act]), primary)


def _packs(review: Review) -> tuple[Act, ...]:
    return (
        Act(_("Pack as HTML"), reverse("console:review-html", args=[review.number]), primary=True),
        Act(_("Pack as PDF"), reverse("console:review-pdf", args=[review.number]), primary=False),
    )
