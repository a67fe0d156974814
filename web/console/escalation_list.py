"""What escalated to a reader: whose it is, what they did, what is asked of the reader now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import quote

from django.db.models import Q
from django.urls import reverse

from core.texts import _
from leads.models import Activity, Lead
from lifecycle import escalations, handing_rights
from lifecycle.escalations import Escalation
from people import selectors as people
from people import teams
from people.availability import Unavailable
from people.models import User
from web.console import todo, words

MOST = 200
"""So many are shown."""
COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """One clock. The addresses are empty where there is nothing for this reader behind them."""

    clock: int
    lead: int
    name: str
    company: str
    stage: str
    todo: str
    level: str
    since: datetime
    due_at: datetime
    warn_at: datetime
    holder: str
    absent: str
    tried: str
    asked: str
    seen_at: datetime | None
    clock_url: str
    reassign_url: str
    contact_url: str
    write_url: str
    seen_url: str


@dataclass(frozen=True, slots=True)
class Escalations:
    """The list; `count` is of all, `unseen` of those shown."""

    rows: tuple[Row, ...]
    count: int
    unseen: int

    @property
    def left(self) -> int:
        """How many are not shown."""
        return self.count - len(self.rows)


def build(reader: User, *, back: str, now: datetime, zone: tzinfo) -> Escalations:
    """The longest overdue of them; seven queries at most.

    `back` is where its forms lead afterwards.
    """
    found = escalations.of(reader, most=MOST)
    if not found:
        return Escalations((), 0, 0)
    leads = [one.clock.lead for one in found]
    owners = {lead.owner for lead in leads if lead.owner is not None and lead.owner != reader}
    absent = people.absent(owners, at=now)
    theirs = _given_by(reader, leads)
    rows = tuple(
        _row(one, reader, absent, back=back, theirs=theirs, now=now, zone=zone) for one in found
    )
    count = len(rows) if len(rows) < MOST else escalations.count(reader, most=COUNTED)
    return Escalations(rows, count, sum(row.seen_at is None for row in rows))


def _given_by(reader: User, leads: Iterable[Lead]) -> set[int]:
    """Which of the leads the reader may give to somebody; one query at most."""
    if not handing_rights.may(reader):
        return {lead.pk for lead in leads if lead.owner_id == reader.pk}
    if handing_rights.reach(reader).everywhere:
        return {lead.pk for lead in leads}
    own = Q(owner=reader) | Q(owner__isnull=True) | Q(owner__team__in=teams.led_by(reader))
    found = Lead.objects.filter(own, pk__in=[lead.pk for lead in leads])
    return set(found.values_list("pk", flat=True))


def _row(
    one: Escalation, reader: User, absent: Mapping[int, Unavailable], *,
    back: str, theirs: Set[int], now: datetime, zone: tzinfo,
) -> Row:  # fmt: skip
    clock, lead = one.clock, one.clock.lead
    account, owner, may_give = lead.account, lead.owner, lead.pk in theirs
    away = absent.get(lead.owner_id or 0)
    gone = _gone(away, now=now, zone=zone) if away else ""
    mine = lead.owner_id == reader.pk
    return Row(
        clock=clock.pk,
        lead=lead.pk,
        name=lead.person.name,
        company=(account.name or account.domain or "") if account else "",
        stage=lead.stage,
        todo=todo.label(clock),
        level=one.level,
        since=one.since,
        due_at=clock.due_at,
        warn_at=clock.warn_at,
        holder=_("You") if mine else str(owner) if owner else "",
        absent=gone,
        tried=_tried(one, now),
        asked=_asked(one, reader, gone, may_give=may_give),
        seen_at=one.seen_at,
        clock_url=reverse("console:lead-clock", args=[lead.pk, clock.pk]),
        reassign_url=_form(lead, "reassign", back) if may_give else "",
        contact_url=_form(lead, "activity", back) if may_give and owner is not None else "",
        write_url=_letter(owner, clock.lead_id) if owner and not mine and owner.email else "",
        seen_url=reverse("console:escalation-seen", args=[clock.pk]),
    )


def _form(lead: Lead, action: str, back: str) -> str:
    return f"{reverse('console:lead-action', args=[lead.pk, action])}?next={quote(back)}"


def _letter(owner: User, lead_id: int) -> str:
    """A mail to whoever holds it; nothing of the buyer is in it but the number of the lead."""
    return "mailto:{quote}?subject={quote2}".format(
        quote=quote(owner.email, safe="@"),
        quote2=quote(_("Overdue: lead {lead_id}").format(lead_id=lead_id)),
    )


def _gone(away: Unavailable, *, now: datetime, zone: tzinfo) -> str:
    until = (
        _(" until {until}").format(until=words.moment(away.until, now=now, zone=zone))
        if away.until
        else ""
    )
    return f"{away.words}{until}"


def _tried(one: Escalation, now: datetime) -> str:
    """What was done since the clock began, as one sentence."""
    if one.tried is None:
        return _("Nothing logged since the clock began.")
    last = one.tried.last
    what = last.get_kind_display()
    came = "" if last.kind == Activity.Kind.NOTE else f" ({last.get_outcome_display().lower()})"
    logged = words.plural(one.tried.count, "activity", "activities")
    return _("{logged} logged; last {what}{came} by {by}, {ago}.").format(
        logged=logged, what=what.lower(), came=came, by=last.by, ago=words.ago(last.at, now=now)
    )


def _asked(one: Escalation, reader: User, gone: str, *, may_give: bool) -> str:
    """What the reader is to do now."""
    owner = one.clock.lead.owner
    if owner is None:
        return _("Nobody holds it: give it to somebody.") if may_give else _("Nobody holds it.")
    if owner == reader:
        return _("It is with you now: act on it, or give it to somebody.")
    if not may_give:
        return _("See to it that {owner} acts, or their manager reassigns it.").format(owner=owner)
    if gone:
        return _("{owner} is {gone}: reassign it.").format(owner=owner, gone=gone)
    return _("Have {owner} act, or reassign it.").format(owner=owner)
