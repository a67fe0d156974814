"""The rows of territories that a realignment writes for its day, and takes back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import FieldError
from lifecycle.models import Realignment
from people import holders
from people.models import User
from routing import area_spelling, territory_checks
from routing import realignment as pure
from routing.models import Pool, Territory, TerritoryArea, TerritoryHolder
from routing.realignment import NOBODY, Changes, Chart, Handover, Holder, Move, Spot

COUNTRY_LETTERS = 2
SINCE_THEN = "somebody changed it since"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants, whoever holds it now: holders by territory, territories by area."""

    holders: Mapping[str, Holder] = field(default_factory=dict)
    areas: Mapping[Spot, str] = field(default_factory=dict)


def changes_of(asked: Asked, chart: Chart) -> Changes:
    """What is to change for that on the day of this chart; what is so already is left out."""
    handovers = [
        Handover(key, chart.holders.get(key, NOBODY), holder)
        for key, holder in sorted(asked.holders.items())
    ]
    moves = []
    for wanted, key in sorted(asked.areas.items()):
        spot = chart.spelled(wanted)
        moves.append(Move(spot, chart.areas.get(spot, ""), key))
    return Changes(
        tuple(one for one in handovers if one.before != one.after),
        tuple(one for one in moves if one.before != one.after),
    )


def faults(changes: Changes, known: Collection[str]) -> Iterator[FieldError]:
    """Every fault of changes; `known` are the territories there are."""
    users = {one.after.user for one in changes.handovers if one.after.user is not None}
    there = {user.pk: user for user in User.objects.filter(pk__in=users, is_active=True)}
    named = {one.after.pool for one in changes.handovers} - {""}
    pools = set(Pool.objects.filter(key__in=named).values_list("key", flat=True))
    for one in changes.handovers:
        place = f"holders.{one.territory}"
        if one.territory not in known:
            yield _no_territory(place, one.territory)
        if one.after.user is not None:
            who = there.get(one.after.user)
            if refused := holders.refusal(who):
                yield FieldError(place, refused, "role" if who is not None else "unknown")
        if one.after.pool and one.after.pool not in pools:
            yield FieldError(place, f"There is no pool “{one.after.pool}”.", "unknown")
    seen: set[Spot] = set()
    for move in changes.moves:
        yield from _faults_of(move, known, seen)
        seen.add(pure.same(move.spot))


def _faults_of(move: Move, known: Collection[str], seen: Collection[Spot]) -> Iterator[FieldError]:
    country, region, prefix = move.spot
    place = f"areas.{called(move.spot)}"
    if fault := area_spelling.country_fault(country):
        yield FieldError(place, fault)
    if len(region) > _longest("region") or len(prefix) > _longest("postal_prefix"):
        yield FieldError(place, "That is too long for a region or a postal prefix.")
    for fault in (area_spelling.region_fault(region), area_spelling.prefix_fault(prefix, country)):
        if fault:
            yield FieldError(place, fault)
    if move.after not in known:
        yield _no_territory(place, move.after)
    if pure.same(move.spot) in seen:
        yield FieldError(place, f"{called(move.spot)} is there twice.", "twice")


def _longest(name: str) -> int:
    longest: int = getattr(TerritoryArea._meta.get_field(name), "max_length", 0)
    return longest


def _no_territory(place: str, key: str) -> FieldError:
    text = f"There is no territory “{key}”. RevOps adds territories in the administration."
    return FieldError(place, text, "unknown")


def called(spot: Spot) -> str:
    """An area in words."""
    return " ".join(filter(None, spot))


def remarks(changes: Changes, day: dt.date) -> Iterator[str]:
    """What was entered for later days stands, and is told; so is who goes by areas that move."""
    moved = {key for move in changes.moves for key in (move.before, move.after) if key}
    for key, parts in territory_checks.in_use(moved).items():
        yield (
            f"The kit in force names “{key}” ({parts}): it goes by the new areas from that day on."
        )
    keys = [one.territory for one in changes.handovers]
    later = TerritoryHolder.objects.filter(territory__key__in=keys, starts_on__gt=day)
    for row in later.select_related("territory", "user", "pool").order_by("starts_on", "pk"):
        holder = row.user or row.pool or "nobody"
        day_told = f"{row.starts_on:%-d %b %Y}"
        yield f"From {day_told} on {row.territory} is with {holder}, as entered before."


def write(
    changes: Changes, day: dt.date, rows: Mapping[str, Territory], *, by: User, reason: str
) -> list[dict[str, Any]]:
    """Write the rows with their day; returns them with what stood there before, to take it back."""
    pools = dict(
        Pool.objects.filter(key__in={one.after.pool for one in changes.handovers}).values_list(
            "key", "pk"
        )
    )
    written = []
    for one in changes.handovers:
        columns = {"user_id": one.after.user, "pool_id": pools.get(one.after.pool)}
        where = {"territory": rows[one.territory], "starts_on": day}
        written.append(_put(TerritoryHolder, where, columns, by=by, reason=reason))
    for move in changes.moves:
        country, region, prefix = move.spot
        where = {"country": country, "region": region, "postal_prefix": prefix, "starts_on": day}
        columns = {"territory_id": rows[move.after].pk}
        written.append(_put(TerritoryArea, where, columns, by=by, reason=reason))
    return written


def take_back(act: Realignment, *, by: User, day: dt.date, reason: str) -> list[str]:
    """Take back the rows written; from `day` on it is as it was. Returns what was left, and why.

    Days that have been stay as they were: whose territory it was then is history.
    """
    kept = []
    for entry in act.written:
        model = MODELS[entry["model"]]
        row = model.objects.filter(pk=entry["id"]).select_for_update(no_key=True).first()
        if row is None or _told(row, entry["now"]) != entry["now"] or _has_later(row, day):
            kept.append(f"{_name(entry, row)}: {SINCE_THEN}.")
            continue
        if row.starts_on < day and entry["before"] is not None:
            where = {name: getattr(row, name) for name in IDENTITY[entry["model"]]}
            _put(model, where | {"starts_on": day}, entry["before"], by=by, reason=reason)
        elif entry["was"] is not None:
            _save(row, entry["was"], by=by, reason=reason)
        else:
            row._history_user, row._change_reason = by, reason[:100]
            row.delete()
    return kept


MODELS: dict[str, Any] = {"holder": TerritoryHolder, "area": TerritoryArea}
IDENTITY = {"holder": ("territory_id",), "area": ("country", "region", "postal_prefix")}


def _put(
    model: Any, where: Mapping[str, Any], columns: dict[str, Any], *, by: User, reason: str
) -> dict[str, Any]:
    """A row with these columns that begins on its day; told as `written` keeps it."""
    name = "holder" if model is TerritoryHolder else "area"
    same = {key: value for key, value in where.items() if key != "starts_on"}
    earlier = model.objects.filter(**same, starts_on__lt=where["starts_on"])
    before = earlier.order_by("-starts_on").first()
    row = model.objects.filter(**where).first()
    was = _told(row, columns) if row is not None else None
    row = row or model(**where)
    _save(row, columns, by=by, reason=reason)
    return {
        "model": name, "id": row.pk, "now": columns, "was": was,
        "before": was or (_told(before, columns) if before is not None else _nobody(name)),
    }  # fmt: skip


def _nobody(name: str) -> dict[str, Any] | None:
    return {"user_id": None, "pool_id": None} if name == "holder" else None


def _save(row: Any, columns: Mapping[str, Any], *, by: User, reason: str) -> None:
    for column, value in columns.items():
        setattr(row, column, value)
    row._history_user, row._change_reason = by, reason[:100]
    row.save()


def _told(row: Any, columns: Mapping[str, Any]) -> dict[str, Any]:
    return {column: getattr(row, column) for column in columns}


def _has_later(row: Any, day: dt.date) -> bool:
    """Whether another row began since, by which it is somebody else's by now."""
    name = "holder" if isinstance(row, TerritoryHolder) else "area"
    same = {key: getattr(row, key) for key in IDENTITY[name]}
    later = type(row).objects.filter(**same, starts_on__gt=row.starts_on, starts_on__lte=day)
    return bool(later.exists())


def _name(entry: Mapping[str, Any], row: Any) -> str:
    if row is None:
        return f"A {entry['model']} row that is gone"
    return str(row.territory) if entry["model"] == "holder" else str(row)
