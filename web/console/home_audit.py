"""What an auditor looks at first: seals, versions with their signers, what people overrode.

Each figure counts what the list behind its link shows, and nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core import steps
from governance.models import KitVersion, Signature
from leads.models import Person, Seal, Suppression
from lifecycle import bulk_handing, permissions, queues, rejections
from lifecycle.models import ImportRun
from lifecycle.rejections import Standing, Wanted
from lifecycle.sealing.days import last_due
from people.models import User
from routing import decision_search
from web.console import kit_links, words
from web.models import LeadExport

DAYS, KIT_DAYS = 30, 90
MOST = queues.COUNTED + 1
"""Counting stops there; the list has the rest."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, what it counts, and the list of it."""

    label: str
    count: int
    url: str
    line: str = ""
    tone: str = "none"


@dataclass(frozen=True, slots=True)
class Version:
    """A version that came into force, and who signed it."""

    name: str
    line: str
    url: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What an auditor's home shows beside what must be nought."""

    figures: tuple[Figure, ...]
    versions: tuple[Version, ...]
    days: int = DAYS
    kit_days: int = KIT_DAYS


@steps.in_steps
def build(reader: User, *, now: dt.datetime, zone: dt.tzinfo) -> steps.Story[Audit | None]:
    """All of it in one message; None for who is no auditor."""
    if not permissions.audits(reader):
        return None
    since = dt.datetime.combine(
        now.astimezone(reader.zone).date() - dt.timedelta(days=DAYS), dt.time(), reader.zone
    )
    began = now - dt.timedelta(days=KIT_DAYS)
    rows = KitVersion.objects.filter(published_at__gte=began).defer("document")
    versions = rows.order_by("-published_at")
    signed = (
        Signature.objects.filter(kit__published_at__gte=began).select_related("by").order_by("pk")
    )
    seals = Seal.objects.order_by("-day")[:1]
    counted = _counted(reader, since, now)
    yield [versions, signed, seals, *(rows for _label, rows, _url in counted)]
    figures = [
        _sealed(seals, now),
        *(Figure(label, len(rows), url) for label, rows, url in counted),
    ]
    return Audit(tuple(figures), _versions(versions, signed, now, zone))


def _counted(
    reader: User, since: dt.datetime, now: dt.datetime
) -> list[tuple[str, QuerySet[Any], str]]:
    """Each figure with the rows that it counts, and the page that lists them."""
    day = f"{since:%Y-%m-%d}"
    decided = decision_search.Wanted(overridden=True, since=since)
    disputed = Wanted(standing=Standing.DISPUTED)
    overridden = decision_search.narrow(decision_search.listed_to(reader), decided)
    asked = [
        (_("Decisions that people overrode"), overridden,
         _at("decisions", overridden="yes", since=day)),
        (_("Acts that handed on many leads"),
         bulk_handing.visible(reader).filter(requested_at__gte=since), _at("reassignments")),
        (_("Rejections in dispute now"),
         rejections.narrow(rejections.visible_to(reader), disputed, now=now),
         _at("rejections", standing="disputed")),
        (_("Lists of leads taken away as files"),
         LeadExport.objects.filter(begun_at__gte=since), _at("lead-exports")),
        (_("Tables brought in"),
         ImportRun.objects.filter(uploaded_at__gte=since), _at("import")),
        (_("Entries lifted from lists of suppressions"),
         Suppression.objects.filter(lifted_at__gte=since), _at("suppressions")),
        (_("People who were erased"), Person.objects.filter(erased_at__gte=since), _at("seals")),
    ]  # fmt: skip
    return [(label, rows.order_by().values_list("pk")[:MOST], url) for label, rows, url in asked]


def _at(name: str, **query: str) -> str:
    return reverse(f"console:{name}") + (f"?{urlencode(query)}" if query else "")


def _sealed(seals: Sequence[Seal] | QuerySet[Seal], now: dt.datetime) -> Figure:
    """How many days wait for their seal, and the last that has one."""
    last = next(iter(seals), None)
    waiting = max(0, (last_due(now) - last.day).days) if last is not None else 0
    line = (
        _("Sealed up to %(day)s") % {"day": f"{last.day:%Y-%m-%d}"}
        if last is not None
        else _("Nothing is sealed yet")
    )
    label = _("Days that wait for their seal")
    return Figure(label, waiting, _at("seals"), line, "warn" if waiting else "ok")


def _versions(
    versions: Iterable[KitVersion], signed: Iterable[Signature], now: dt.datetime, zone: dt.tzinfo
) -> tuple[Version, ...]:
    by_kit: dict[int, list[str]] = defaultdict(list)
    for one in signed:
        by_kit[one.kit_id].append(f"{one.by} ({one.get_party_display()})")
    return tuple(
        Version(
            f"v{one.number} {one.title}".strip(),
            _line(one, by_kit[one.pk], now, zone),
            kit_links.url("kit-version", one.number),
        )
        for one in versions
    )


def _line(one: KitVersion, signers: list[str], now: dt.datetime, zone: dt.tzinfo) -> str:
    at = one.published_at
    since = words.day(at, now=now, zone=zone) if at is not None else ""
    who = ", ".join(signers) or _("nobody")
    told = _("In force from %(day)s, signed by %(who)s") % {"day": since, "who": who}
    return f"{told} · {_('emergency')}" if one.emergency_reason else told
