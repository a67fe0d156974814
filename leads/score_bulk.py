"""What the rules of a kit are worth for many leads at once, in SQL: as `scoring`, set by set.

For bringing a kit to leads that are there. A few statements for each rule, however many leads; the
parts come out as those that a touchpoint would make, and are written where they differ.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper
from django.db.models.expressions import RawSQL

from governance import condition_sql, conditions
from governance.facts import Registry
from governance.kit import Kit
from governance.terms import ScoreRule
from leads import score_sql, score_turns
from leads.models import Lead
from leads.score_falls import BEYOND

FORGOTTEN = score_sql.FORGOTTEN_AFTER


def rescore(
    leads: Sequence[int],
    kit: Kit,
    *,
    now: dt.datetime,
    records: bool = True,
    registry: Registry | None = None,
) -> int:
    """Have the parts of these locked leads be what `kit` makes of them; returns how many changed.

    Those whose band may be another, or whose rules time can turn, are due for a look at once
    (`Lead.decays_at`); the decay job tells their crossings. Without `records` the scores of before
    cannot be told afterwards. `registry` may read facts otherwise than the kit's. Raises
    `NotSelectable` where a rule speaks of a fact that only a single lead has.
    """
    ids = sorted(leads)
    with connection.cursor() as cursor:
        cursor.execute(_FRESH, [ids])
        for sql, values in _worked_out(kit, registry or kit.registry, now):
            cursor.execute(f"INSERT INTO score_fresh {sql}", values)
        cursor.execute(_WRITE, {"kit": kit.id, "now": now})
        changed = [lead for (lead,) in cursor.fetchall()]
        if records:
            cursor.execute(_RECORD, {"ids": changed, "kit": kit.id, "now": now})
    _note_falls(kit, now)
    return len(changed)


# The leads stand in a table, as a list of them would be spelt in every statement. Unless it is
# analysed, whole tables are read for them.
_ASKED = "SELECT id FROM pg_temp.score_asked"
_FRESH = """
    DROP TABLE IF EXISTS pg_temp.score_fresh, pg_temp.score_asked;
    CREATE TEMP TABLE score_asked (id bigint PRIMARY KEY) ON COMMIT DROP;
    CREATE TEMP TABLE score_fresh ON COMMIT DROP AS
    SELECT lead_id, rule, category, value, at, half_life_days, cap, within_days, signal
      FROM leads_scorepart WITH NO DATA;
    INSERT INTO score_asked SELECT unnest(%s::bigint[]);
    ANALYZE pg_temp.score_asked
"""


def _asked() -> RawSQL:
    return RawSQL(_ASKED, [])  # noqa: S611 - a constant of ours


def _worked_out(
    kit: Kit, registry: Registry, now: dt.datetime
) -> Iterator[tuple[str, Sequence[Any] | Mapping[str, Any]]]:
    """What is worth anything: one query for all rules over facts, one for each behaviour."""
    of_facts = [rule for rule in kit.score_rules if not rule.signal]
    if of_facts:
        yield _of_facts(of_facts, registry, now)
    for rule in kit.score_rules:
        if rule.signal:
            yield _of_signal(rule)


def _of_facts(
    rules: Sequence[ScoreRule], registry: Registry, now: dt.datetime
) -> tuple[str, list[Any]]:
    """Leads for which conditions hold; since when is taken over from their parts."""
    nodes = [rule.condition or conditions.ALWAYS for rule in rules]
    names = frozenset(name for node in nodes for name in conditions.facts_of(node))
    columns, facts = condition_sql.columns_of(names, registry=registry, now=now)
    held = {
        f"holds_{place}": ExpressionWrapper(
            condition_sql.q(node, columns), output_field=BooleanField()
        )
        for place, node in enumerate(nodes)
    }
    leads = Lead.objects.filter(pk__in=_asked()).alias(**facts).annotate(**held)
    found, values = leads.order_by().values_list("pk", *held).query.sql_with_params()
    row = "(%s, %s, %s::float8, %s::float8, %s::float8, h.{})"
    sql = f"""
        SELECT h.id, r.rule, r.category, r.points, coalesce(p.at, %s), r.half_life, r.cap,
               NULL::integer, ''
          FROM ({found}) AS h (id, {", ".join(held)})
         CROSS JOIN LATERAL (VALUES {", ".join(map(row.format, held))})
               AS r (rule, category, points, half_life, cap, holds)
          LEFT JOIN leads_scorepart p
                 ON p.lead_id = h.id AND p.rule = r.rule AND p.value = r.points
         WHERE r.holds
    """  # noqa: S608 - Django's own, with its values apart
    told = [
        value
        for rule in rules
        for value in (rule.key, rule.category, rule.points, rule.half_life_days, rule.cap)
    ]
    return sql, [now, *values, *told]


def _of_signal(rule: ScoreRule) -> tuple[str, dict[str, Any]]:
    """Leads that showed the behaviour, with what all times were worth at the last one."""
    each, kind = "%(points)s", ""
    if not rule.once and rule.within_days is not None:
        kind = rule.signal
    elif not rule.once and rule.half_life_days is not None:
        age = "(extract(epoch FROM (s.last - s.occurred_at))::float8 / 86400)"
        each = f"""%(points)s * sum(CASE WHEN {age} > {FORGOTTEN} * %(half_life)s THEN 0
                   ELSE power(2::float8, -{age} / %(half_life)s) END)"""
    elif not rule.once:
        each = "%(points)s * count(*)"
    sql = f"""
        SELECT s.lead_id, %(rule)s, %(category)s, {each}, max(s.last), %(half_life)s::float8,
               %(cap)s::float8, %(within)s::integer, %(kind)s
          FROM (SELECT lead_id, occurred_at, max(occurred_at) OVER (PARTITION BY lead_id) AS last
                  FROM leads_signal
                 WHERE lead_id IN ({_ASKED}) AND kind = %(signal)s) AS s
         GROUP BY s.lead_id
    """  # noqa: S608 - constants of ours
    named = {
        "rule": rule.key, "category": rule.category, "points": rule.points, "cap": rule.cap,
        "half_life": rule.half_life_days, "within": rule.within_days, "kind": kind,
        "signal": rule.signal,
    }  # fmt: skip
    return sql, named


# What is the same stays as it is, with the kit that made it so; sums may differ by their order.
_SAME = """(p.category, p.at, p.half_life_days, p.cap, p.within_days, p.signal)
           IS NOT DISTINCT FROM
           (f.category, f.at, f.half_life_days, f.cap, f.within_days, f.signal)
           AND abs(p.value - f.value) <= 1e-9 * abs(f.value)"""
_WRITE = f"""
    WITH other AS (
        UPDATE leads_scorepart p
           SET category = f.category, value = f.value, at = f.at,
               half_life_days = f.half_life_days, cap = f.cap, within_days = f.within_days,
               signal = f.signal, kit_id = %(kit)s
          FROM score_fresh f
         WHERE p.lead_id = f.lead_id AND p.rule = f.rule AND NOT ({_SAME})
        RETURNING p.lead_id),
    fresh AS (
        INSERT INTO leads_scorepart (lead_id, rule, category, value, at, half_life_days, cap,
                                     within_days, signal, kit_id)
        SELECT f.*, %(kit)s FROM score_fresh f
         WHERE NOT EXISTS (SELECT FROM leads_scorepart p
                            WHERE p.lead_id = f.lead_id AND p.rule = f.rule)
        RETURNING lead_id),
    gone AS (
        UPDATE leads_scorepart p SET value = 0, at = %(now)s, kit_id = %(kit)s
         WHERE p.lead_id IN ({_ASKED}) AND p.value <> 0
           AND NOT EXISTS (SELECT FROM score_fresh f
                            WHERE f.lead_id = p.lead_id AND f.rule = p.rule)
        RETURNING lead_id)
    SELECT lead_id FROM other UNION SELECT lead_id FROM fresh UNION SELECT lead_id FROM gone
"""  # noqa: S608 - constants of ours

_RECORD = """
    INSERT INTO leads_scorerecord (lead_id, at, kit_id, parts)
    SELECT c.id, %(now)s, %(kit)s, coalesce(jsonb_object_agg(p.rule, jsonb_strip_nulls(
               jsonb_build_object('category', p.category, 'value', p.value,
                   'half_life_days', p.half_life_days, 'cap', p.cap,
                   'within_days', p.within_days, 'signal', nullif(p.signal, ''),
                   'at', replace(to_jsonb(p.at) #>> '{}', ' ', 'T'),
                   'instants', CASE WHEN p.within_days IS NULL THEN NULL
                       WHEN p.signal = '' THEN jsonb_build_array(p.at)
                       ELSE (SELECT jsonb_agg(s.occurred_at ORDER BY s.occurred_at)
                               FROM leads_signal s
                              WHERE s.lead_id = p.lead_id AND s.kind = p.signal) END)))
           FILTER (WHERE p.value <> 0), '{}')
      FROM unnest(%(ids)s::bigint[]) AS c (id)
      LEFT JOIN leads_scorepart p ON p.lead_id = c.id
     GROUP BY c.id
"""

# As `score_falls` bounds it: with steady C and fading D, nothing falls below a floor sooner than
# C + D · 2^(-t / h) does at the shortest half-life h. The decay job solves it to the second.
_FALLS = f"""
    WITH bands AS MATERIALIZED (
        SELECT * FROM unnest(%(keys)s::text[], %(lows)s::float8[], %(highs)s::float8[])
                   AS b (key, low, high)),
    worth AS MATERIALIZED (
        SELECT f.lead_id, {score_sql.present_in("f")} AS points,
               CASE WHEN f.value > 0 THEN f.half_life_days END AS fades
          FROM score_fresh f),
    sums AS (
        SELECT lead_id, sum(points) AS total, coalesce(sum(points) FILTER (WHERE fades > 0), 0)
               AS fading, min(fades) AS soonest
          FROM worth GROUP BY lead_id),
    edges AS (
        SELECT e.lead_id, min(e.at) AS at FROM (
            SELECT f.lead_id, w.size + CASE WHEN f.signal = '' THEN f.at ELSE
                       (SELECT min(s.occurred_at) FROM leads_signal s
                         WHERE s.lead_id = f.lead_id AND s.kind = f.signal
                           AND s.occurred_at > %(now)s - w.size) END AS at
              FROM score_fresh f,
                   LATERAL (SELECT f.within_days * interval '86400 s') AS w (size)
             WHERE f.within_days IS NOT NULL AND f.value <> 0) AS e
         WHERE e.at > %(now)s GROUP BY e.lead_id)
    UPDATE leads_lead l SET decays_at = (
        SELECT CASE
               WHEN %(timed)s OR b.low IS NULL OR t.total >= b.high OR t.total < o.floor
                   THEN %(now)s
               WHEN t.fading <= 0 OR t.total - t.fading >= o.floor THEN e.at
               ELSE least(e.at, %(now)s + interval '1 s' * (1 + 86400 * least(%(beyond)s,
                    s.soonest * ln(t.fading / (o.floor - (t.total - t.fading))) / ln(2::float8))))
               END
          FROM (SELECT coalesce(s.total, 0), coalesce(s.fading, 0)) AS t (total, fading)
          LEFT JOIN bands b ON b.key = l.band
         CROSS JOIN LATERAL (
               SELECT greatest(b.low, CASE WHEN l.stage = 'MQL' AND l.owner_id IS NULL
                                           THEN %(recycle)s::float8 END)) AS o (floor))
      FROM pg_temp.score_asked a
      LEFT JOIN sums s ON s.lead_id = a.id
      LEFT JOIN edges e ON e.lead_id = a.id
     WHERE l.id = a.id
"""  # noqa: S608 - constants of ours


def _note_falls(kit: Kit, now: dt.datetime) -> None:
    """When each of these leads can next leave its band; those that have left it are due now."""
    keys, lows, highs, ceiling = [], [], [], math.inf
    for band in kit.bands:
        keys.append(band.key)
        lows.append(band.left_below)
        highs.append(ceiling)
        ceiling = band.at_least
    given: dict[str, Any] = {
        "now": now, "keys": keys, "lows": lows, "highs": highs,
        "recycle": kit.general.recycle_below, "timed": score_turns.hangs_on_time(kit),
        "beyond": BEYOND.days,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FALLS, given)
