"""Whose territory a lead's place is, in SQL: the same area as `territories.of` finds.

Areas in force are read and spelt once for a query; each lead then looks through those of its
country. Regions and codes are compared by the table of `place_spelling`, handed over as values.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import CharField, F, Func

from routing import place_spelling

IN_FORCE = """
    SELECT DISTINCT ON (country, region, postal_prefix)
           territory_id, country, region, postal_prefix
      FROM routing_territoryarea
     WHERE starts_on <= %s
     ORDER BY country, region, postal_prefix, starts_on DESC
"""
"""The areas in force on a day (UTC)."""


def _values(*, ascii_only: bool) -> tuple[str, str]:
    """What `translate` is given: letters, and for the first of them others; the rest vanish."""
    table = {
        one: said for one, said in place_spelling.TABLE.items() if one.isascii() or not ascii_only
    }
    kept = {one: said for one, said in table.items() if said}
    gone = "".join(one for one, said in table.items() if not said)
    return "".join(kept) + gone, "".join(kept.values())


LETTERS = (*_values(ascii_only=True), *_values(ascii_only=False))


def told(column: str) -> str:
    """`place_spelling.told` of a column; takes `LETTERS`. Plain ASCII goes by a short table."""
    written = column
    for sharp_s in place_spelling.SHARP_S:
        written = f"replace({written}, '{sharp_s}', 'ss')"
    words = (
        f"CASE WHEN octet_length({column}) = char_length({column}) "
        f"THEN translate({column}, %s, %s) ELSE translate({written}, %s, %s) END"
    )
    for pair, letter in place_spelling.PAIRS:
        words = f"replace({words}, '{pair}', '{letter}')"
    return f"coalesce(nullif(btrim(regexp_replace({words}, ' +', ' ', 'g'), ' '), ''), {column})"


def compact(column: str) -> str:
    """`place_spelling.compact` of a column."""
    return f"upper(regexp_replace({column}, '[^0-9A-Za-z]', '', 'g') COLLATE \"C\")"


# The first SELECT hangs on no lead, so it is made once; OFFSET 0 keeps the second from being
# worked out anew for every area.
_FOUND = f"""(
    WITH area AS MATERIALIZED (
         SELECT a.country, {told("a.region")} AS region, {compact("a.postal_prefix")} AS prefix,
                t.key COLLATE "C" AS key
           FROM ({IN_FORCE}) AS a JOIN routing_territory t ON t.id = a.territory_id)
    SELECT area.key
      FROM (SELECT upper(x.country COLLATE "C") AS country, {told("x.region")} AS region,
                   {compact("x.code")} AS code
              FROM (SELECT CASE WHEN c.home <> '' THEN c.home ELSE c.person END AS country,
                           CASE WHEN c.home <> '' THEN c.region ELSE '' END AS region,
                           CASE WHEN c.home <> '' THEN c.code ELSE '' END AS code
                      FROM (SELECT {{place}}) AS c (home, region, code, person)) AS x
            OFFSET 0) AS place
      JOIN area ON area.country = place.country AND starts_with(place.code, area.prefix)
                   AND area.region IN ('', place.region)
     ORDER BY length(area.prefix) DESC, area.region <> '' DESC, area.key DESC
     LIMIT 1)
"""  # noqa: S608 - fragments of ours


class TerritoryOf(Func):
    """The key of the territory that takes a lead in on the day (UTC) of an instant; else NULL."""

    output_field = CharField()

    def __init__(self, now: dt.datetime) -> None:
        super().__init__(
            F("account__country"),
            F("account__region"),
            F("account__postal_code"),
            F("person__country"),
        )
        self.day = now.astimezone(dt.UTC).date()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """With the day and the table as values."""
        told = [compiler.compile(one) for one in self.get_source_expressions()]
        place = ", ".join(sql for sql, _ in told)
        given = [value for _, values in told for value in values]
        return _FOUND.format(place=place), (*LETTERS, self.day, *LETTERS, *given)
