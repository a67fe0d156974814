"""What stands beside the kit: signers, what is on its way, what expires, earlier versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.db.models import QuerySet

from core import steps
from core.texts import _
from governance import drafts
from governance.drafts import Pending
from governance.models import KitStatus, KitVersion, Signature
from web.console import kit_links, kit_people, words
from web.console.kit_people import Signers

EARLIER_SHOWN = 12
TONES = {
    KitStatus.DRAFT: "info",
    KitStatus.IN_REVIEW: "info",
    KitStatus.SCHEDULED: "warn",
    KitStatus.ACTIVE: "ok",
    KitStatus.RETIRED: "none",
    KitStatus.WITHDRAWN: "none",
}


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed, for whom, when."""

    name: str
    line: str


@dataclass(frozen=True, slots=True)
class Way:
    """A version on its way, or an earlier one; `url` is empty where the reader may not look in."""

    number: int
    title: str
    line: str
    state: str
    tone: str
    url: str
    waits: tuple[str, ...] = ()
    at: datetime | None = None
    note: str = ""
    note_tone: str = "ok"


@dataclass(frozen=True, slots=True)
class Emergency:
    """An emergency change in force that still wants signatures."""

    number: int
    reason: str
    expires_at: datetime
    waits: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Side:
    """Everything beside the kit."""

    signers: tuple[Signer, ...]
    facts: tuple[tuple[str, str], ...]
    emergency: Emergency | None
    coming: tuple[Way, ...]
    earlier: tuple[Way, ...]


def build(active: KitVersion | None, *, opens: bool, now: datetime, zone: tzinfo) -> Side:
    """The side of the kit page; `opens`: the reader looks into drafts. Queries do not grow."""
    signers, signed_by, past = kit_people.asked(now=now), _signatures(active), _earlier(active)
    steps.ask(signers, signed_by, past)
    who, signed = signers.found, list(signed_by)
    coming = tuple(
        _way(one, who, active=active, opens=opens, now=now, zone=zone) for one in drafts.pending()
    )
    return Side(
        signers=tuple(signer(row, now=now, zone=zone) for row in signed),
        facts=_facts(active, signed, now=now, zone=zone) if active else (),
        emergency=_emergency(active, who) if active else None,
        coming=coming,
        earlier=tuple(_past(row, opens=opens, now=now, zone=zone) for row in past),
    )


def signer(row: Signature, *, now: datetime, zone: tzinfo) -> Signer:
    """A signature in words; `by` and `deputy_of` should be loaded."""
    stands = _(", deputy of {deputy_of}").format(deputy_of=row.deputy_of) if row.deputy_of else ""
    when = words.moment(row.signed_at, now=now, zone=zone)
    capacity = (
        _("As approver")
        if row.party == Signature.Party.APPROVER
        else _("For {get_party_display}").format(get_party_display=row.get_party_display())
    )
    return Signer(str(row.by), f"{capacity}{stands}, {when}")


def _signatures(active: KitVersion | None) -> QuerySet[Signature]:
    if active is None:
        return Signature.objects.none()
    rows = Signature.objects.filter(kit=active, checksum=active.checksum)
    return rows.select_related("by", "deputy_of").order_by("signed_at", "pk")


def _facts(
    active: KitVersion, signed: list[Signature], *, now: datetime, zone: tzinfo
) -> tuple[tuple[str, str], ...]:
    def told(at: datetime | None) -> str:
        return words.moment(at, now=now, zone=zone) if at else ""

    last_review = max((row.signed_at for row in signed), default=active.submitted_at)
    found = (
        (_("In force since"), told(active.published_at)),
        (_("Published by"), str(active.published_by or "") or _("the system")),
        (_("Last reviewed"), told(last_review)),
        (_("Drafted by"), str(active.created_by or "")),
        (
            _("Restores"),
            _("the text of v{number}").format(number=active.restores.number)
            if active.restores
            else "",
        ),
        (_("Text"), " ".join(active.checksum[i : i + 4] for i in range(0, 16, 4))),
    )
    return tuple((name, content) for name, content in found if content)


def _emergency(active: KitVersion, who: Signers) -> Emergency | None:
    if active.expires_at is None or active.countersigned_at is not None:
        return None
    (read,) = drafts.read([active])
    return Emergency(
        active.number,
        active.emergency_reason,
        active.expires_at,
        kit_people.awaited(read.consent, who),
        kit_links.url("kit-version", active.number),
    )


def _way(
    one: Pending,
    who: Signers,
    *,
    active: KitVersion | None,
    opens: bool,
    now: datetime,
    zone: tzinfo,
) -> Way:
    row = one.version
    author = (
        _("by {created_by}").format(created_by=row.created_by)
        if row.created_by
        else _("by the system")
    )
    count = words.plural(len(one.changes), "change") if row.base else _("the first kit")
    begun = words.day(row.created_at, now=now, zone=zone)
    note, tone = _note(one, active)
    asked = row.status != KitStatus.DRAFT and not note
    return Way(
        row.number,
        row.title,
        _("{author}, begun {begun}, {count}").format(author=author, begun=begun, count=count),
        row.get_status_display(),
        TONES[KitStatus(row.status)],
        kit_links.url("kit-version", row.number) if opens else "",
        kit_people.awaited(one.consent, who) if asked else (),
        row.effective_from if row.status == KitStatus.SCHEDULED else None,
        note,
        tone,
    )


def _note(one: Pending, active: KitVersion | None) -> tuple[str, str]:
    """What is to be said of it besides: that it is out of date, edited, or ready."""
    row = one.version
    if active is not None and row.base_id != active.pk:
        return _("To be rebased onto v{number}").format(number=active.number), "warn"
    if one.was_edited:
        return _("Edited in review: to be submitted anew"), "warn"
    if row.status == KitStatus.IN_REVIEW and one.consent.is_given:
        return _("Fully signed"), "ok"
    return "", ""


def _earlier(active: KitVersion | None) -> QuerySet[KitVersion]:
    rows = KitVersion.objects.filter(status__in=[KitStatus.RETIRED, KitStatus.WITHDRAWN])
    if active is not None:
        rows = rows.exclude(pk=active.pk)
    return rows.defer("document").order_by("-number")[:EARLIER_SHOWN]


def _past(row: KitVersion, *, opens: bool, now: datetime, zone: tzinfo) -> Way:
    if row.published_at and row.retired_at:
        since = words.day(row.published_at, now=now, zone=zone)
        line = _("In force from {since} to {day}").format(
            since=since, day=words.day(row.retired_at, now=now, zone=zone)
        )
    else:
        line = _("Begun {day}, never in force").format(
            day=words.day(row.created_at, now=now, zone=zone)
        )
    seen = opens or row.published_at is not None
    return Way(
        row.number,
        row.title,
        line,
        row.get_status_display(),
        "none",
        kit_links.url("kit-version", row.number) if seen else "",
    )
