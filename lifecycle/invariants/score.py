"""The score that is shown adds up, and the stored band is the one it is in."""

from __future__ import annotations

import math

from django.db.models import Sum

from governance import selectors as kits
from governance.models import KitStatus, KitVersion
from leads import score_sql
from leads.models import ScorePart
from lifecycle.invariants.invariant import Context, Found, Invariant, Severity, ask, query

TOLERANCE = 0.01
"""Points; two ways of adding the same floats differ by far less."""

MISBANDED = """
    SELECT l.id, 'is in band “' || l.band || '” with ' || round(coalesce(s.total, 0)::numeric, 2)
                 || ' points'
      FROM leads_lead l LEFT JOIN ({scores}) s ON s.lead = l.id
     WHERE (l.decays_at IS NULL OR l.decays_at > %(now)s) AND l.stage <> 'MERGED'
       AND NOT EXISTS (
           SELECT 1 FROM unnest(%(keys)s::text[], %(lows)s::float8[], %(highs)s::float8[])
                      AS b (key, low, high)
            WHERE b.key = l.band AND coalesce(s.total, 0) >= b.low - %(tolerance)s
              AND coalesce(s.total, 0) < b.high + %(tolerance)s)
"""


def _misbanded(context: Context) -> Found:
    """Leads outside their band that are not due for another look; nobody looks at merged ones.

    A lead keeps the band of the kit that last judged it, so any published kit's bounds count; and
    its band down to where that is left.
    """
    parts = ScorePart.objects.order_by().values("lead")
    scores = parts.annotate(total=Sum(score_sql.present(context.now)))
    sql, instants = scores.query.sql_with_params()
    names = {f"instant{number}": instant for number, instant in enumerate(instants)}
    named = sql % tuple(f"%({name})s" for name in names)
    keys, lows, highs = _bounds()
    bounds = {"keys": keys, "lows": lows, "highs": highs, "tolerance": TOLERANCE}
    parameters = {"now": context.now, **names, **bounds}
    return ask(MISBANDED.format(scores=named), parameters, first=context.first)


def _bounds() -> tuple[list[str], list[float], list[float]]:
    rows: set[tuple[str, float, float]] = set()
    published = KitVersion.objects.filter(status__in=[KitStatus.ACTIVE, KitStatus.RETIRED])
    for version_id in published.values_list("pk", flat=True):
        ceiling = math.inf
        for band in kits.kit_of(version_id).bands:
            rows.add((band.key, band.left_below, ceiling))
            ceiling = band.at_least
        rows.add(("", -math.inf, ceiling))
    columns = list(zip(*sorted(rows), strict=True)) or [(), (), ()]
    return list(columns[0]), list(columns[1]), list(columns[2])


INVARIANTS = (
    Invariant(
        "lead.band", "A lead is in the band of its present score, or is due for a look", _misbanded
    ),
    Invariant(
        "lead.band_from_log",
        "A lead is in the band that its last crossing led to",
        # Bands that a kit since then has not are another kit's names for bands.
        query("""
            WITH told AS (
                SELECT DISTINCT ON (lead_id) lead_id, kit_id, because->>'to_band' AS band
                  FROM leads_leadevent WHERE kind = 'CROSSED' ORDER BY lead_id, sequence DESC),
            apart AS (
                SELECT l.id, l.band, t.band AS told, k.number
                  FROM told t JOIN leads_lead l ON l.id = t.lead_id
                  JOIN governance_kitversion k ON k.id = t.kit_id
                 WHERE l.band <> t.band)
            SELECT id, 'is in band “' || band || '”, its log led to “' || told || '”'
              FROM apart a
             WHERE NOT EXISTS (
                   SELECT FROM governance_kitversion k, unnest(ARRAY[a.band, a.told]) AS b (key)
                    WHERE k.status IN ('ACTIVE', 'RETIRED') AND k.number >= a.number
                      AND NOT EXISTS (
                          SELECT FROM jsonb_array_elements(k.document->'parts'->'score_band') p
                           WHERE p->>'key' = b.key))
        """),
    ),
    Invariant(
        "touch.score_adds_up",
        "The score a receipt shows is the sum of its shown parts",
        query("""
            SELECT id, 'shows ' || (receipt->'score')::text
              FROM leads_touch
             WHERE jsonb_typeof(receipt->'score') = 'object'
               AND abs((receipt->'score'->>'total')::numeric - (receipt->'score'->>'fit')::numeric
                       - (receipt->'score'->>'engagement')::numeric
                       - (receipt->'score'->>'intent')::numeric) > 0.001
        """),
    ),
    Invariant(
        "lead.decay_behind",
        "Leads whose score may have left its band are looked at within ten minutes",
        query("""
            SELECT id, 'is due for a look since ' || decays_at
              FROM leads_lead WHERE decays_at < %(now)s - interval '10 minutes'
        """),
        Severity.WARNING,
    ),
    Invariant(
        "lead.wake_up_behind",
        "Nurtured leads whose day has come are looked at within an hour",
        query("""
            SELECT id, 'was to be looked at again ' || wake_at
              FROM leads_lead WHERE stage = 'NURTURE' AND wake_at < %(now)s - interval '1 hour'
        """),
        Severity.WARNING,
    ),
)
