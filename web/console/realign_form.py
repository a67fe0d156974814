"""The form of a realignment: holders and areas that change, from when on, what goes along."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from core.errors import DomainError, FieldError, InvalidInput
from core.texts import _
from lifecycle.realigning import charting, planning, reading
from lifecycle.realigning.charting import Asked
from lifecycle.realigning.planning import Wanted
from lifecycle.realigning.terms import Terms
from people import holders
from routing import selectors
from routing.models import Pool, Territory
from routing.realignment import Spot
from web.console.lead_list import Option
from web.console.realigned_words import TERMS

MOVES = 6
"""How many areas the form moves at once; a table moves any number."""
MOST = 4_000_000


@dataclass(frozen=True, slots=True)
class HolderField:
    """Who holds one territory then."""

    name: str
    label: str
    line: str
    choices: tuple[Option, ...]
    error: str


@dataclass(frozen=True, slots=True)
class MoveField:
    """One area and the territory it goes to."""

    number: int
    area: str
    to: str


@dataclass(frozen=True, slots=True)
class TermField:
    """Whether one kind of work goes along."""

    name: str
    label: str
    goes: bool


@dataclass(frozen=True, slots=True)
class RealignForm:
    """The form, with what was sent and what is wrong with it."""

    day: str
    least_day: str
    holders: tuple[HolderField, ...]
    moves: tuple[MoveField, ...]
    areas: tuple[str, ...]
    territories: tuple[tuple[str, str], ...]
    terms: tuple[TermField, ...]
    errors: tuple[str, ...]


def read(sent: QueryDict, file: UploadedFile[bytes] | None, *, now: dt.datetime) -> Wanted:
    """What was sent, as a whole. Raises InvalidInput."""
    day = _day(sent.get("from", ""), now)
    if sent.get("asked"):
        return planning.want(_asked_again(str(sent["asked"])), day, terms_of(sent))
    asked = _chosen(sent)
    if file is not None:
        if (file.size or 0) > MOST:
            raise _invalid("file", _("The file is larger than 4 MB."))
        table = reading.table(file.read())
        both = sorted(table.asked.holders.keys() & asked.holders.keys())
        if both:
            raise _invalid(
                "file",
                _("The file and the form both name a holder of “{both}”.").format(both=both[0]),
            )
        asked = Asked(
            {**table.asked.holders, **asked.holders}, {**table.asked.areas, **asked.areas}
        )
        day = table.day or day
    return planning.want(asked, day, terms_of(sent))


def hidden(wanted: Wanted) -> str:
    """What is asked for, to be sent again with the confirmation."""
    return json.dumps({
        "holders": {
            one.territory: reading.choice(one.after) for one in wanted.changes.handovers
        },
        "areas": [[*one.spot, one.after] for one in wanted.changes.moves],
    })  # fmt: skip


def terms_of(sent: Mapping[str, str]) -> Terms:
    """What goes along; the defaults where nothing was chosen."""
    given = {name: sent[name] == "move" for name, _rest in TERMS if sent.get(name)}
    return Terms(**given)


def build(sent: QueryDict, *, now: dt.datetime, refusal: DomainError | None = None) -> RealignForm:
    """The form as it was sent, or empty. Five queries."""
    today = planning.today(now)
    chart = selectors.chart_on(today)
    faults = {one.field: one.message for one in refusal.errors} if refusal is not None else {}
    offered = _offered()
    territories = list(Territory.objects.order_by("label"))
    labels = dict(offered)
    terms = terms_of(sent)
    return RealignForm(
        day=sent.get("from") or (today + dt.timedelta(days=1)).isoformat(),
        least_day=today.isoformat(),
        holders=tuple(
            HolderField(
                name=f"holder-{one.key}",
                label=one.label,
                line=labels.get(reading.choice(held), _("somebody inactive"))
                if (held := chart.holders.get(one.key)) is not None
                else "nobody",
                choices=_options(offered, sent.get(f"holder-{one.key}", "")),
                error=faults.get(f"holders.{one.key}", ""),
            )
            for one in territories
        ),
        moves=tuple(
            MoveField(n, sent.get(f"area-{n}", ""), sent.get(f"to-{n}", ""))
            for n in range(1, MOVES + 1)
        ),
        areas=tuple(charting.called(spot) for spot in sorted(chart.areas)),
        territories=tuple((one.key, one.label) for one in territories),
        terms=tuple(TermField(name, label, getattr(terms, name)) for name, label in TERMS),
        errors=_told(refusal),
    )


def _offered() -> list[tuple[str, str]]:
    """Who may hold a territory. Two queries."""
    reps = holders.by_name(holders.everybody())
    pools = Pool.objects.order_by("label")
    return [
        *((f"{reading.USER}{one.pk}", str(one)) for one in reps),
        *((f"{reading.POOL}{one.key}", _("Pool {label}").format(label=one.label)) for one in pools),
        (reading.NOBODY, _("Nobody")),
    ]


def _told(refusal: DomainError | None) -> tuple[str, ...]:
    """What is wrong, each with its place."""
    if refusal is None:
        return ()
    told = [
        f"{one.field.partition('.')[2] or one.field}: {one.message}"
        if one.field.startswith(("line ", "areas.", "holders."))
        else one.message
        for one in refusal.errors
    ]
    return tuple(dict.fromkeys(told)) or (refusal.message,)


def _options(offered: Sequence[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(key, label, key == chosen) for key, label in offered)


def _day(text: str, now: dt.datetime) -> dt.date:
    if not text:
        return planning.today(now)
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _invalid("from", _("Give a day, such as 2026-12-01.")) from None


def _chosen(sent: QueryDict) -> Asked:
    """What the fields say."""
    holders = {}
    for name, text in sent.items():
        if name.startswith("holder-") and text:
            found = reading.holder(str(text))
            if found is None:
                raise _invalid("holders", _("Choose a holder from the list."))
            holders[name.removeprefix("holder-")] = found
    areas: dict[Spot, str] = {}
    for number in range(1, MOVES + 1):
        area, to = sent.get(f"area-{number}", "").strip(), sent.get(f"to-{number}", "")
        if bool(area) != bool(to):
            raise _invalid(
                "areas",
                _("Area {number}: name both the area and its territory.").format(number=number),
            )
        if area:
            areas[_spot(area, number)] = to
    return Asked(holders, areas)


def _spot(text: str, number: int) -> Spot:
    """`DE`, `DE Bayern`, `DE 80`, `DE Bayern 80`; a region has letters only, a prefix a digit."""
    country, _rest, rest = text.replace("\0", "").strip().partition(" ")
    if not (len(country) == charting.COUNTRY_LETTERS and country.isascii() and country.isalpha()):
        raise _invalid(
            "areas",
            _("Area {number}: begin with a country code of two letters, such as DE 80.").format(
                number=number
            ),
        )
    words = rest.split()
    known = next((at for at, word in enumerate(words) if any(map(str.isdigit, word))), len(words))
    return country.upper(), " ".join(words[:known]), " ".join(words[known:]).upper()


def _asked_again(text: str) -> Asked:
    """What `hidden` gave."""
    try:
        data: Any = json.loads(text)
        holders = {str(key): reading.holder(str(one)) for key, one in data["holders"].items()}
        areas = {(str(a), str(b), str(c)): str(key) for a, b, c, key in data["areas"]}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _invalid("asked", _("What you confirmed cannot be read. Start again.")) from None
    if None in holders.values() or "\0" in text or "\\u0000" in text:
        raise _invalid("asked", _("What you confirmed cannot be read. Start again."))
    return Asked({key: one for key, one in holders.items() if one is not None}, areas)


def _invalid(field: str, text: str) -> InvalidInput:
    return InvalidInput(text, errors=[FieldError(field, text)])
