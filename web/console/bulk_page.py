"""The same step on many leads: the form, what would come of it, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from core.texts import _, lazy
from governance import selectors as kits
from leads import own_fields, selectors
from lifecycle import bulk_acting
from lifecycle.models import BulkAct, BulkLine
from people import holders
from people.models import Role, User
from web.console import course_words, field_words, handing_page, lead_names, words
from web.console.bulk_form import BulkForm
from web.console.handing_page import Chosen, Line
from web.console.lead_names import LeadName

PAGE = 50
TONES = {"WAITING": "info", "RUNNING": "info", "DONE": "ok", "CANCELLED": "warn", "FAILED": "late"}
DID = {
    "ACCEPT": lazy("Accept"),
    "REJECT": lazy("Reject"),
    "NURTURE": lazy("Return to nurture"),
    "DISQUALIFY": lazy("Disqualify"),
    "SET": lazy("Set a field"),
    "NEXT_STEP": lazy("Set the next step"),
    "UNDO": lazy("Take back"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What would come of it."""

    going: str
    stays: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class One:
    """One lead of an act."""

    lead: int
    name: str
    line: str


@dataclass(frozen=True, slots=True)
class ActPage:
    """One act: how far it is, and lead by lead."""

    id: int
    title: str
    sentence: str
    state: str
    tone: str
    is_open: bool
    done: int
    total: int
    what: str
    """What each lead gets, where it is no step."""
    note: str
    left: tuple[Line, ...]
    leads: tuple[One, ...]
    next_url: str
    may_undo: bool
    undone_by: int | None
    undoes: int | None


def may(reader: User) -> bool:
    """Whether the list offers it: to who works leads, or acts for those who do."""
    return holders.works_leads(reader) or reader.is_superuser or reader.plays(Role.REVOPS)


def choose(reader: User, query: QueryDict, *, now: datetime) -> Chosen:
    """The leads an address means: those ticked, or all that match the filters."""
    return handing_page.meant(reader, query, now=now)


def preview(chosen: Chosen, form: BulkForm, reader: User) -> Shown:
    """What would come of it now. Raises InvalidInput."""
    meant = form.cleaned_data
    found = bulk_acting.preview(
        chosen.ids, meant["verb"], by=reader, cause=meant["cause"], note=meant["note"],
        given=form.given,
    )  # fmt: skip
    stays = tuple(
        Line(words.plural(count, "lead"), why) for why, count in found.stays.most_common()
    )
    return Shown(words.plural(found.going, "lead"), stays)


def confirm(chosen: Chosen, form: BulkForm, reader: User) -> BulkAct:
    """Do it. Raises DomainError."""
    given = form.cleaned_data
    return bulk_acting.submit(
        chosen.ids, given["verb"], by=reader, cause=given["cause"], note=given["note"],
        given=form.given,
    )  # fmt: skip


def build(act_id: int, reader: User, *, after: int, now: datetime, zone: tzinfo) -> ActPage:
    """One act with a page of its leads, in the order of the work. Raises NotFound."""
    act = bulk_acting.seen(act_id, reader)
    found = bulk_acting.result(act)
    is_open = act.state in bulk_acting.OPEN
    lines = list(act.lines.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
    shown = selectors.visible_to(reader).filter(pk__in=[line.lead_id for line in lines[:PAGE]])
    names = lead_names.of(shown.values_list("pk", flat=True))
    last = lines[PAGE - 1].pk if len(lines) > PAGE else None
    address = reverse("console:lead-bulk", args=[act.pk])
    at = words.moment(act.requested_at, now=now, zone=zone)
    return ActPage(
        id=act.pk,
        title=f"{DID[act.verb]}: {words.plural(act.total, 'lead')}",
        sentence=_("{by}, {at}. {done} of {total} dealt with, {going} done.").format(
            by=act.by,
            at=at,
            done=words.number(act.done),
            total=words.number(act.total),
            going=words.number(found.going),
        ),
        state=act.get_state_display(),
        tone=TONES[act.state],
        is_open=is_open,
        done=act.done,
        total=act.total,
        what=_what(act, now=now, zone=zone),
        note=act.note,
        left=tuple(Line(words.plural(n, "lead"), why) for why, n in found.left.most_common(20)),
        leads=tuple(_one(line, names) for line in lines[:PAGE]),
        next_url=f"{address}?{urlencode({'after': last})}" if last else "",
        may_undo=not is_open
        and act.verb != "UNDO"
        and not found.undone_by
        and found.going > 0
        and act.by_id == reader.pk,
        undone_by=found.undone_by,
        undoes=act.undoes_id,
    )


def _what(act: BulkAct, *, now: datetime, zone: tzinfo) -> str:
    """`City: Berlin`, `Call, 10:00 tomorrow`."""
    given = act.given or (act.undoes.given if act.undoes else {})
    if "field" in given:
        own = {one.name: one.label for one in own_fields.of_kit(kits.active_kit())}
        label = own.get(given["field"]) or field_words.called(given["field"]).capitalize()
        return f"{label}: {given['value']}"
    if "at" in given:
        kind = course_words.KINDS.get(given["kind"], "anything").capitalize()
        return f"{kind}, {words.moment(datetime.fromisoformat(given['at']), now=now, zone=zone)}"
    return ""


def earlier(reader: User) -> tuple[tuple[int, str], ...]:
    """The last acts this reader may see: number and title."""
    rows = bulk_acting.visible_to(reader).order_by("-requested_at", "-pk")[:10]
    return tuple(
        (row.pk, f"{row.by}, {DID[row.verb].lower()}: {words.plural(row.total, 'lead')}")
        for row in rows
    )


def _one(line: BulkLine, names: Mapping[int, LeadName]) -> One:
    known = names.get(line.lead_id)
    return One(line.lead_id, known.name if known else "", line.left or _("Done"))
