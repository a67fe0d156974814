"""Territories that the conditions of a kit name: they must be there, and ought to have areas.

What territories there are is no part of the kit: while none is active, nothing is said.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from django.db.models import Min

from core import phrases
from governance import checks, selectors
from governance.findings import Finding, unresolved, warning
from governance.kit import Kit
from leads import condition_checks
from routing import selectors as routing_reads
from routing.models import Territory, TerritoryArea
from routing.territory_fact import NAME


def register() -> None:
    """Hold every kit against the territories there are."""
    checks.register_dated(of_kit)


def of_kit(kit: Kit, at: dt.datetime) -> Iterator[Finding]:
    """Every finding about territories that conditions name, as of the day (UTC) of `at`."""
    named = names_of(kit)
    if not named or selectors.active_version() is None:
        return
    day = at.astimezone(dt.UTC).date()
    labels = dict(Territory.objects.values_list("key", "label"))
    in_force = {area.territory for area in routing_reads.areas(day)}
    begin = _beginnings(named.keys() & labels.keys() - in_force, day)
    for key, places in named.items():
        for place in places:
            if key not in labels:
                yield from _unknown(place, key, labels)
            elif key not in in_force:
                yield _bare(place, labels[key], begin.get(key))


def names_of(kit: Kit) -> dict[str, list[str]]:
    """By the key of each territory that conditions name, the places of these conditions."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for place, node in condition_checks.conditions_of(kit):
        for key in sorted({text for name, text in condition_checks.texts(node) if name == NAME}):
            found[key].append(place)
    return dict(found)


def in_use(keys: Collection[str]) -> dict[str, str]:
    """By key, those of these territories that the kit in force names, and by which parts, in words.

    Two queries.
    """
    version = selectors.active_version()
    if version is None:
        return {}
    kit = selectors.kit_of(version.pk)
    named = names_of(kit)
    return {
        key: phrases.listed([_part(kit, place) for place in named[key]])
        for key in sorted(keys)
        if key in named
    }


def _part(kit: Kit, place: str) -> str:
    """“routing rule “South””."""
    kind, key, _ = place.split(".", 2)
    label = next(one["label"] for one in kit.part_documents(kind) if one["key"] == key)
    return f"{kind.replace('_', ' ')} “{label}”"


def _unknown(place: str, key: str, labels: Mapping[str, str]) -> Iterator[Finding]:
    """A key that stands for no territory; or the label of one, which may change."""
    meant = next((one for one, label in labels.items() if label.casefold() == key.casefold()), "")
    if meant:
        fix = f"Rules name a territory by its key: write “{meant}”."
        yield Finding(place, f"“{key}” is the key of no territory.", "unresolved", fix)
    else:
        yield from unresolved(place, key, labels, "territory")


def _bare(place: str, label: str, begins: dt.date | None) -> Finding:
    """A territory in which no buyer can be."""
    if begins is None:
        message = f"“{label}” has no area any more: no lead is in that territory."
    else:
        message = f"“{label}” has no area before {begins}: until then no lead is in that territory."
    fix = "Give it areas under Territories, or name another territory."
    return warning(place, message, "no_areas", fix)


def _beginnings(keys: Iterable[str], day: dt.date) -> dict[str, dt.date]:
    """From when on those of these territories have areas that have none now."""
    later = TerritoryArea.objects.filter(territory__key__in=list(keys), starts_on__gt=day)
    rows = later.order_by().values_list("territory__key").annotate(first=Min("starts_on"))
    return dict(rows)
