"""The leads of a report that fare otherwise or could not be replayed: filtered, paged, a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.db.models import Value as Constant

from core.texts import _, lazy
from governance.models import Simulation
from leads import selectors
from lifecycle.models import SimulatedLead
from lifecycle.simulation import wording
from people.models import User
from reports.declaration import Value
from web.console import kit_links, people_names, queues, words
from web.console.lead_list import Filter, Option

PAGE = 50
COUNTED = 1_000
EXPORTED = 20_000
UNKNOWN = "UNKNOWN"
CURSOR = re.compile(r"([0-9]{1,4})\.([0-9]{1,18})")
WEIGHT = Case(
    *(When(differs__0=kind, then=Constant(place)) for place, kind in enumerate(wording.KINDS)),
    default=Constant(len(wording.KINDS)),
    output_field=IntegerField(),
)
"""The most weighty difference of a lead is stored first; such leads are shown first."""
HEADINGS = (
    lazy("Lead"),
    lazy("Name"),
    lazy("Company"),
    lazy("Domain"),
    lazy("Country"),
    lazy("Differs"),
    lazy("Not replayed because"),
    lazy("Stage before"),
    lazy("Stage after"),
    lazy("MQL before (UTC)"),
    lazy("MQL after (UTC)"),
    lazy("Pool before"),
    lazy("Pool after"),
    lazy("Owner before"),
    lazy("Owner after"),
    lazy("Band before"),
    lazy("Band after"),
    lazy("Score before"),
    lazy("Score after"),
    lazy("Breached before"),
    lazy("Breached after"),
)


@dataclass(frozen=True, slots=True)
class Side:
    """What one version makes of a lead, in a few words."""

    stage: str
    line: str


@dataclass(frozen=True, slots=True)
class Row:
    """One lead of the list."""

    id: int
    url: str
    name: str
    company: str
    differs: tuple[str, ...]
    unknown: str
    before: Side | None
    after: Side | None


@dataclass(frozen=True, slots=True)
class LeadRows:
    """One page of the list."""

    rows: tuple[Row, ...]
    filter: Filter
    chosen: str
    count: str
    problem: str
    csv_url: str
    next_url: str
    first_url: str


def build(
    run: Simulation, number: int, query: Mapping[str, str], *, reader: User, now: datetime,
    zone: tzinfo,
) -> LeadRows:  # fmt: skip
    """The leads this reader may see. An address that means nothing is told, never passed over."""
    kind, after, problem = _read(query)
    found = _chosen(run, kind, reader) if not problem else SimulatedLead.objects.none()
    weighed = found.annotate(weight=WEIGHT)
    if after is not None:
        weighed = weighed.filter(Q(weight__gt=after[0]) | Q(weight=after[0], pk__gt=after[1]))
    page = weighed.select_related("lead__person", "lead__account").order_by("weight", "pk")
    rows: list[Any] = list(page[: PAGE + 1])
    shown = rows[:PAGE]
    names = people_names.of(
        owner for row in shown for side in _sides(row) for owner in _owners(side)
    )
    pools = queues.labels()
    url, csv = (kit_links.url(name, number) for name in ("kit-simulation", "kit-simulation-csv"))
    following = (
        urlencode({"kind": kind, "after": f"{shown[-1].weight}.{shown[-1].pk}"})
        if len(rows) > PAGE
        else ""
    )
    return LeadRows(
        rows=tuple(_row(row, number, names, pools, now=now, zone=zone) for row in shown),
        filter=_filter(run.summary, kind),
        chosen=kind,
        count=_count(found),
        problem=problem,
        csv_url=f"{csv}?{urlencode({'kind': kind})}" if kind else csv,
        next_url=f"{url}?{following}#leads" if following else "",
        first_url=f"{url}?{urlencode({'kind': kind})}#leads" if after is not None else "",
    )


def export(run: Simulation, query: Mapping[str, str], *, reader: User) -> Iterator[Sequence[Value]]:
    """Headings, then one row per lead the reader may see, up to `EXPORTED`."""
    yield HEADINGS
    kind, _rest, problem = _read(query)
    if problem:
        return
    found = _chosen(run, kind, reader).select_related("lead__person", "lead__account")
    names = {user.pk: str(user) for user in User.objects.all()}
    pools = queues.labels()
    for row in found.order_by("pk")[:EXPORTED].iterator(chunk_size=500):
        account = row.lead.account
        both = [_cells(side, names, pools) for side in _sides(row)]
        yield (
            row.lead_id, row.lead.person.name,
            account.name if account else "", (account.domain or "") if account else "",
            account.country if account else "",
            ", ".join(wording.KINDS.get(kind, kind) for kind in row.differs),
            wording.unknown(row.unknown) if row.unknown else "",
            *(cell for pair in zip(*both, strict=True) for cell in pair),
        )  # fmt: skip


def _read(query: Mapping[str, str]) -> tuple[str, tuple[int, int] | None, str]:
    kind, after = query.get("kind", ""), query.get("after", "")
    if kind and kind not in (*wording.KINDS, UNKNOWN):
        return (
            "",
            None,
            _("Differs in: there is no “{kind}”; pick one from the list.").format(kind=kind[:40]),
        )
    cursor = CURSOR.fullmatch(after)
    if after and not cursor:
        return kind, None, _("Page: use the links below the list; this address is not one of them.")
    return kind, (int(cursor[1]), int(cursor[2])) if cursor else None, ""


def _chosen(run: Simulation, kind: str, reader: User) -> QuerySet[SimulatedLead]:
    rows = SimulatedLead.objects.filter(simulation=run, lead__in=selectors.visible_to(reader))
    if kind == UNKNOWN:
        return rows.exclude(unknown="")
    return rows.filter(differs__contains=[kind]) if kind else rows


def _filter(summary: Mapping[str, Any], kind: str) -> Filter:
    counts = summary.get("kinds", {})
    options = [
        Option(key, f"{label} ({counts[key]:,})", key == kind)
        for key, label in wording.KINDS.items()
        if counts.get(key)
    ]
    if unknown := sum(summary.get("unknown", {}).values()):
        options.append(
            Option(
                UNKNOWN,
                _("Not replayed ({unknown})").format(unknown=f"{unknown:,}"),
                kind == UNKNOWN,
            )
        )
    return Filter("kind", _("Differs in"), _("Anything"), tuple(options))


def _count(found: QuerySet[SimulatedLead]) -> str:
    count = found.order_by()[: COUNTED + 1].count()
    return (
        _("{COUNTED}+ leads").format(COUNTED=f"{COUNTED:,}")
        if count > COUNTED
        else words.plural(count, "lead")
    )


def _sides(row: SimulatedLead) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return row.before, row.after


def _owners(side: Mapping[str, Any]) -> list[int | None]:
    return list(side.get("owners", ()))


def _row(
    row: SimulatedLead, number: int, names: Mapping[int, str], pools: Mapping[str, str], *,
    now: datetime, zone: tzinfo,
) -> Row:  # fmt: skip
    account = row.lead.account
    return Row(
        id=row.lead_id,
        url=kit_links.url("kit-simulation-lead", number, row.lead_id),
        name=row.lead.person.name,
        company=(account.name or account.domain or "") if account else "",
        differs=tuple(wording.KINDS.get(kind, kind) for kind in row.differs),
        unknown=wording.unknown(row.unknown) if row.unknown else "",
        before=_side(row.before, names, pools, now=now, zone=zone),
        after=_side(row.after, names, pools, now=now, zone=zone),
    )


def _side(
    told: Mapping[str, Any], names: Mapping[int, str], pools: Mapping[str, str], *,
    now: datetime, zone: tzinfo,
) -> Side | None:  # fmt: skip
    if not told:
        return None
    parts = []
    if told["qualified_at"]:
        at = datetime.fromisoformat(told["qualified_at"])
        parts.append(_("MQL {at}").format(at=words.moment(at, now=now, zone=zone)))
    parts.append(who(told, names, pools))
    late = sum(one["how"] in LATE for one in told["clocks"])
    parts += [words.plural(late, "breach", "breaches")] if late else []
    return Side(told["stage"], " · ".join(part for part in parts if part))


LATE = ("LATE", "OVERDUE", "CANCELLED_LATE")


def who(told: Mapping[str, Any], names: Mapping[int, str], pools: Mapping[str, str]) -> str:
    """Who got it: `Anna Keller, DACH`; where nobody did, why."""
    if not told["pools"]:
        return ""
    pool, owner = told["pools"][0], told["owners"][0]
    if not pool:
        return _("fits no rule")
    label = pools.get(pool, pool)
    return (
        "{names}, {label}".format(
            names=names.get(owner, _("User {owner}").format(owner=owner)), label=label
        )
        if owner
        else _("waits in {label}").format(label=label)
    )


def _cells(
    told: Mapping[str, Any], names: Mapping[int, str], pools: Mapping[str, str]
) -> tuple[Value, ...]:
    if not told:
        return ("",) * 7
    pool = told["pools"][0] if told["pools"] else ""
    owner = told["owners"][0] if told["owners"] else None
    score = told["score"] or {}
    late = [one["label"] for one in told["clocks"] if one["how"] in LATE]
    at = told["qualified_at"] or ""
    return (
        told["stage"],
        f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M}" if at else "",
        pools.get(pool, pool),
        names.get(owner or 0, ""),
        told["band_label"],
        score.get("total", ""),
        ", ".join(late),
    )
