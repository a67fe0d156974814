"""All territories: areas, holders now and from a day on, overlaps, who holds a place."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from core.texts import _
from leads import cleansing
from leads.models import Account
from lifecycle.models import Realignment
from lifecycle.realigning import planning
from people.models import Role, User
from routing import selectors, territories
from routing.models import Territory, TerritoryArea, TerritoryHolder
from routing.territories import Area, Atlas, Place
from web.console import keyset
from web.console.realigned_words import TONES, day_of

PAGE = 20
SHOWN_AREAS = 30
SHOWN_OVERLAPS = 20
SHOWN_UNHELD = 20
LONGEST = 80


@dataclass(frozen=True, slots=True)
class Row:
    """One territory."""

    label: str
    key: str
    areas: tuple[str, ...]
    more_areas: int
    holder: str
    since: str
    inactive: bool
    next: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Who holds a place, and which area says so; or why nobody does."""

    place: str
    holder: str
    line: str


@dataclass(frozen=True, slots=True)
class Past:
    """One realignment."""

    url: str
    title: str
    line: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class TerritoriesPage:
    """The page."""

    day: dt.date
    rows: tuple[Row, ...]
    overlaps: tuple[str, ...]
    more_overlaps: int
    unheld: tuple[str, ...]
    asked: Mapping[str, str]
    answer: Answer | None
    past: tuple[Past, ...]
    older_url: str
    newest_url: str
    may_change: bool
    new_url: str


def build(reader: User, query: Mapping[str, str], *, now: dt.datetime) -> TerritoriesPage:
    """The page; `query` may ask who holds a place, and on which day. Fixed queries."""
    day = _day(query.get("on", "")) or planning.today(now)
    found = selectors.areas(day)
    may_change = planning.may_change(reader)
    rows, names = _rows(day, found)
    overlaps = [
        selectors.overlap_words(one, other, names) for one, other in territories.overlaps(found)
    ]
    past = _realignments(reader, query.get("after", "")) if may_change else []
    return TerritoriesPage(
        day=day,
        rows=rows,
        overlaps=tuple(overlaps[:SHOWN_OVERLAPS]),
        more_overlaps=max(0, len(overlaps) - SHOWN_OVERLAPS),
        unheld=_unheld(found, names),
        asked={name: query.get(name, "")[:LONGEST] for name in ("country", "region", "code", "on")},
        answer=_answer(query, found, names),
        past=tuple(_past(one) for one in past[:PAGE]),
        older_url=_older_url(past),
        newest_url=reverse("console:territories") if query.get("after") and may_change else "",
        may_change=may_change,
        new_url=_new_url(reader),
    )


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _rows(day: dt.date, found: Sequence[Area]) -> tuple[tuple[Row, ...], dict[str, str]]:
    """A row for each territory, and what each is called. Three queries."""
    areas: defaultdict[str, list[str]] = defaultdict(list)
    for one in found:
        areas[one.territory].append(_called(one))
    coming: defaultdict[int, list[tuple[dt.date, str]]] = defaultdict(list)
    later = TerritoryArea.objects.filter(starts_on__gt=day).order_by("starts_on", "pk")
    for area in later:
        coming[area.territory_id].append((area.starts_on, _("takes over {area}").format(area=area)))
    held: dict[int, TerritoryHolder] = {}
    holders = TerritoryHolder.objects.select_related("user", "pool").order_by("starts_on", "pk")
    for row in holders:
        if row.starts_on <= day:
            held[row.territory_id] = row
        else:
            coming[row.territory_id].append(
                (row.starts_on, _("{who} holds it").format(who=_who(row)))
            )
    known = list(Territory.objects.order_by("label"))
    rows = tuple(
        _row(one, areas[one.key], held.get(one.pk), sorted(coming[one.pk])) for one in known
    )
    return rows, {one.key: one.label for one in known}


def _row(
    territory: Territory,
    areas: Sequence[str],
    held: TerritoryHolder | None,
    coming: Sequence[tuple[dt.date, str]],
) -> Row:
    return Row(
        label=territory.label,
        key=territory.key,
        areas=tuple(areas[:SHOWN_AREAS]),
        more_areas=max(0, len(areas) - SHOWN_AREAS),
        holder=_who(held) if held is not None else "nobody",
        since=_("since {day_of}").format(day_of=day_of(held.starts_on)) if held is not None else "",
        inactive=bool(held and held.user and not held.user.is_active),
        next=tuple(
            _("From {day_of}: {what}").format(day_of=day_of(day), what=what) for day, what in coming
        ),
    )


def _who(row: TerritoryHolder) -> str:
    if row.user is not None:
        return str(row.user)
    return _("the pool {label}").format(label=row.pool.label) if row.pool is not None else "nobody"


def _called(area: Area) -> str:
    return " ".join(filter(None, (area.country, area.region, area.postal_prefix)))


def _unheld(found: Sequence[Area], names: Mapping[str, str]) -> tuple[str, ...]:
    """Areas that are nobody's, and countries we have accounts in that are in no territory."""
    told = [
        _("{called} (“{names}”) has no holder").format(
            called=_called(one), names=names[one.territory]
        )
        for one in found
        if one.user is None and not one.pool
    ]
    whole = {one.country for one in found if not one.region and not one.postal_prefix}
    parts = {one.country for one in found} - whole
    told += [
        _("{land}: what lies in none of its areas").format(land=land) for land in sorted(parts)
    ]
    lands = Account.objects.exclude(country="").exclude(country__in=whole | parts)
    missing = lands.order_by("country").values_list("country", flat=True).distinct()
    told += [
        _("{land}: accounts there, and no territory").format(land=land)
        for land in missing[:SHOWN_UNHELD]
    ]
    return tuple(told[:SHOWN_UNHELD])


def _answer(
    query: Mapping[str, str], found: Sequence[Area], names: Mapping[str, str]
) -> Answer | None:
    """By the function that routes."""
    text = query.get("country", "").strip()
    if not text:
        return None
    country = cleansing.country_code(text)
    if not country:
        return Answer(
            text[:LONGEST], "", _("That is no country; use its name or a code such as DE.")
        )
    region = query.get("region", "").replace("\0", "").strip()[:LONGEST]
    code = query.get("code", "").replace("\0", "").strip()[:16]
    place = " ".join(filter(None, (country, region, code)))
    area = Atlas(found).of(Place(country, region, code))
    if area is None:
        return Answer(place, "", _("It lies in no territory; routing goes on by “otherwise”."))
    label = names.get(area.territory, area.territory)
    by = _("By the area {called} of the territory “{label}”").format(
        called=_called(area), label=label
    )
    user = User.objects.filter(pk=area.user).first() if area.user else None
    if user is not None and not user.is_active:
        return Answer(
            place,
            str(user),
            _("{by}. They are inactive: routing goes on by “otherwise”.").format(by=by),
        )
    if user is None and not area.pool:
        return Answer(
            place, "", _("{by}, which nobody holds: routing goes on by “otherwise”.").format(by=by)
        )
    return Answer(place, str(user or _("the pool {pool}").format(pool=area.pool)), f"{by}.")


def _realignments(reader: User, after: str) -> list[Realignment]:
    """One page and the row behind it, newest first. Raises InvalidInput for a strange address."""
    rows = planning.visible(reader).order_by("-requested_at", "-pk")
    place = keyset.read(after)
    if place is not None:
        at, pk = place
        rows = rows.filter(Q(requested_at__lt=at) | Q(requested_at=at, pk__lt=pk))
    return list(rows[: PAGE + 1])


def _older_url(past: Sequence[Realignment]) -> str:
    if len(past) <= PAGE:
        return ""
    last = past[PAGE - 1]
    query = urlencode({"after": keyset.write(last.requested_at, last.pk)})
    return f"{reverse('console:territories')}?{query}#past-title"


def _new_url(reader: User) -> str:
    """Where a territory is made, for who may: RevOps."""
    may = reader.is_staff and (reader.is_superuser or reader.plays(Role.REVOPS))
    return reverse("admin:routing_territory_add") if may else ""


def _past(act: Realignment) -> Past:
    return Past(
        url=reverse("console:realignment", args=[act.pk]),
        title=_("Realignment {pk} from {day_of}").format(
            pk=act.pk, day_of=day_of(act.effective_on)
        ),
        line=f"{act.by}: {act.reason}",
        state=act.get_state_display(),
        tone=TONES.get(act.state, "none"),
    )


def look_up_url(country: str, region: str = "", code: str = "") -> str:
    """The page's answer for a place."""
    asked = {"country": country, "region": region, "code": code}
    return f"{reverse('console:territories')}?{urlencode(asked)}"
