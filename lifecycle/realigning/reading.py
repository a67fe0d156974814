"""What people ask for, as they write it: chosen in a form, or as a table of areas and holders."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from core.errors import FieldError, InvalidInput
from leads import cleansing
from lifecycle.realigning.charting import Asked
from people.models import User
from routing.models import Pool, Territory
from routing.realignment import Holder, Spot

NOBODY = "nobody"
USER, POOL = "user:", "pool:"
MOST_LINES = 20_000
LONGEST_FILE = 4_000_000
HEADINGS = {
    "country": "country", "land": "country", "region": "region", "state": "region",
    "postal_prefix": "prefix", "postal prefix": "prefix", "prefix": "prefix",
    "postal code": "prefix", "postal_code": "prefix", "zip": "prefix", "plz": "prefix",
    "territory": "territory", "holder": "holder", "owner": "holder", "from": "from",
    "starts_on": "from",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """What a table asks for, and its day where it names one."""

    asked: Asked
    day: dt.date | None = None


@dataclass(slots=True)
class _Gathered:
    """What the lines so far say."""

    holders: dict[str, Holder] = field(default_factory=dict)
    areas: dict[Spot, str] = field(default_factory=dict)
    days: set[dt.date] = field(default_factory=set)
    faults: list[FieldError] = field(default_factory=list)


def holder(text: str) -> Holder | None:
    """The holder that a form's choice means (`user:7`, `pool:dach`, `nobody`); None for none."""
    if text == NOBODY:
        return Holder()
    if text.startswith(POOL):
        return Holder(pool=text.removeprefix(POOL))
    number = text.removeprefix(USER)
    if text.startswith(USER) and number.isascii() and number.isdigit() and len(number) < 19:
        return Holder(user=int(number))
    return None


def choice(one: Holder) -> str:
    """The form's choice for a holder."""
    if one.user is not None:
        return f"{USER}{one.user}"
    return f"{POOL}{one.pool}" if one.pool else NOBODY


def table(content: bytes) -> Table:
    """Read an uploaded table: country, region, postal prefix, territory, holder, from.

    A line moves its area to its territory, and gives that its holder where one is named. Raises
    InvalidInput naming each line at fault.
    """
    lines = _lines(content)
    gathered = _Gathered()
    names = _Names()
    for number, line in lines:
        if len(gathered.faults) < 50:
            _read(number, line, names, gathered)
    if len(gathered.days) > 1:
        told = " and ".join(f"{one:%-d %b %Y}" for one in sorted(gathered.days)[:2])
        text = f"All lines of a realignment begin on one day; these say {told}."
        gathered.faults.append(FieldError("file", text))
    if gathered.faults:
        raise InvalidInput("Some lines cannot be read.", errors=gathered.faults)
    if not gathered.holders and not gathered.areas:
        raise _unreadable("It has no lines below its headings.")
    day = next(iter(gathered.days), None)
    return Table(Asked(gathered.holders, gathered.areas), day)


def _lines(content: bytes) -> Iterable[tuple[int, Mapping[str, str]]]:
    if len(content) > LONGEST_FILE:
        raise _unreadable("It is larger than 4 MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable("It is no UTF-8 text; save it as CSV (UTF-8).") from None
    if "\0" in text:
        raise _unreadable("It is no text; save it as CSV (UTF-8).")
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as error:
        raise _unreadable(f"It cannot be read as CSV: {error}.") from None
    if len(rows) > MOST_LINES:
        raise _unreadable(f"It has more than {MOST_LINES:,} lines.")
    heads = [HEADINGS.get(cell.strip().casefold(), "") for cell in rows[0]] if rows else []
    if "territory" not in heads:
        raise _unreadable("Its first line names no column “territory”.")
    return _told(heads, rows[1:])


def _told(heads: list[str], rows: list[list[str]]) -> Iterator[tuple[int, Mapping[str, str]]]:
    for number, row in enumerate(rows, start=2):
        cells = dict.fromkeys(HEADINGS.values(), "")
        cells |= {head: cell.strip() for head, cell in zip(heads, row, strict=False) if head}
        if any(cells.values()):
            yield number, cells


class _Names:
    """Territories, people and pools by what people call them."""

    def __init__(self) -> None:
        """Read them. Three queries."""
        self.territories: dict[str, str] = {}
        for key, label in Territory.objects.order_by("-key").values_list("key", "label"):
            self.territories |= {label.casefold(): key}
        for key in list(self.territories.values()):
            self.territories[key.casefold()] = key
        self.holders: dict[str, Holder] = {"nobody": Holder()}
        for key, label in Pool.objects.values_list("key", "label"):
            self.holders |= {label.casefold(): Holder(pool=key), key.casefold(): Holder(pool=key)}
        for user in User.objects.filter(is_active=True):
            for called in (user.email, user.username):
                self.holders[called.casefold()] = Holder(user=user.pk)


def _read(number: int, line: Mapping[str, str], names: _Names, into: _Gathered) -> None:
    place = f"line {number}"
    key = names.territories.get(line["territory"].casefold())
    if key is None:
        text = f"There is no territory “{line['territory']}”; RevOps adds it in the administration."
        into.faults.append(FieldError(place, text, "unknown"))
        return
    country = cleansing.country_code(line["country"]) if line["country"] else ""
    if line["country"] and not country:
        text = f"“{line['country']}” is no country; use a code of two letters, such as DE."
        into.faults.append(FieldError(place, text, "unknown"))
    elif not country and (line["region"] or line["prefix"]):
        into.faults.append(FieldError(place, "A region or prefix needs its country.", "required"))
    if country:
        spot = (country, line["region"], line["prefix"].upper())
        if into.areas.setdefault(spot, key) != key:
            text = f"{' '.join(filter(None, spot))} is given to another territory above."
            into.faults.append(FieldError(place, text, "twice"))
    _holder_of(place, key, line["holder"], names, into)
    _day_of(place, line["from"], into)


def _holder_of(place: str, key: str, text: str, names: _Names, into: _Gathered) -> None:
    if not text:
        return
    found = names.holders.get(text.casefold())
    if found is None:
        told = f"Nobody active and no pool is called “{text}”; use a user name, e-mail or pool key."
        into.faults.append(FieldError(place, told, "unknown"))
    elif into.holders.setdefault(key, found) != found:
        told = f"“{key}” has another holder in a line above."
        into.faults.append(FieldError(place, told, "twice"))


def _day_of(place: str, text: str, into: _Gathered) -> None:
    if not text:
        return
    try:
        into.days.add(dt.date.fromisoformat(text))
    except ValueError:
        told = f"“{text}” is no day; write it as 2026-12-01."
        into.faults.append(FieldError(place, told))


def _unreadable(text: str) -> InvalidInput:
    return InvalidInput(f"The file cannot be taken. {text}", errors=[FieldError("file", text)])
