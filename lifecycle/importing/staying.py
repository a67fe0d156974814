"""Which leads of an import came by it alone, and why the others outlive its undoing.

A lead goes when every touchpoint of it is of the import and nobody did anything about it or about
its person since. What time and rules did (clocks, assignments, notices) does not keep it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from lifecycle.models import ImportRow, ImportRun

OURS = """
    ours AS (SELECT DISTINCT w.touch_id AS id FROM lifecycle_importrow w
              WHERE w.run_id = %(run)s AND w.touch_id IS NOT NULL AND w.undone = ''
                AND w.verdict <> 'REPLAYED')"""

_TOLD = """EXISTS (
        SELECT 1 FROM leads_leadevent e
         WHERE e.lead_id = {lead}.id AND e.kind = 'STAGE' AND e.because->>'history' = 'true'
           AND (e.because->>'opportunity')::bigint = l.opportunity_id
           AND (e.because->>'touch')::bigint IN (SELECT id FROM ours))"""
MADE = f"""(
    {_TOLD.format(lead="l")}
    AND NOT EXISTS (SELECT 1 FROM leads_lead o
                     WHERE o.opportunity_id = l.opportunity_id AND o.id <> l.id
                       AND NOT {_TOLD.format(lead="o")})
    AND (SELECT count(*) FROM leads_historicalopportunity h WHERE h.id = l.opportunity_id) = 1
    AND NOT EXISTS (
        SELECT 1 FROM leads_externalreference x
         WHERE x.opportunity_id = l.opportunity_id
           AND NOT EXISTS (
               SELECT 1 FROM leads_lead o JOIN leads_touch t ON t.lead_id = o.id
                WHERE o.opportunity_id = l.opportunity_id AND t.id IN (SELECT id FROM ours)
                  AND t.idempotency_scope = x.system
                  AND t.payload->'history'->>'deal_id' = x.value)))"""  # noqa: S608 - as above
"""That an import itself made the deal of lead `l`, and nobody else touched it since."""

_JUDGED = f"""
    WITH {OURS},
    mine AS (SELECT t.lead_id AS id, count(*) AS touches
               FROM leads_touch t JOIN ours ON ours.id = t.id
              WHERE t.lead_id IS NOT NULL
                AND (%(leads)s::bigint[] IS NULL OR t.lead_id = ANY(%(leads)s::bigint[]))
              GROUP BY 1)
    SELECT l.id, CASE
        WHEN l.merged_into_id IS NOT NULL OR p.merged_into_id IS NOT NULL
             OR EXISTS (SELECT 1 FROM leads_lead o WHERE o.merged_into_id = l.id)
             OR EXISTS (SELECT 1 FROM leads_personmerge m
                         WHERE (m.winner_id = p.id OR m.loser_id = p.id) AND m.undone_at IS NULL)
            THEN 'MERGED'
        WHEN (SELECT count(*) FROM leads_touch t
               WHERE t.lead_id = l.id AND t.status <> 'WITHDRAWN') > mine.touches THEN 'TOUCHED'
        WHEN l.opportunity_id IS NOT NULL AND NOT {MADE} THEN 'DEAL'
        WHEN p.erased_at IS NOT NULL
             OR EXISTS (SELECT 1 FROM leads_activity a WHERE a.lead_id = l.id)
             OR EXISTS (SELECT 1 FROM leads_leadevent e
                         WHERE e.lead_id = l.id AND e.by_id IS NOT NULL AND e.kind <> 'WITHDRAWN')
             OR EXISTS (SELECT 1 FROM leads_permission r
                         WHERE r.person_id = p.id AND r.touch_id IS NULL)
             OR EXISTS (SELECT 1 FROM leads_touchhandling h JOIN leads_touch t ON t.id = h.touch_id
                         WHERE t.lead_id = l.id) THEN 'WORKED'
        WHEN EXISTS (SELECT 1 FROM leads_externalreference x
                      WHERE x.lead_id = l.id AND NOT EXISTS (
                          SELECT 1 FROM leads_touch t
                           WHERE t.lead_id = l.id AND t.idempotency_scope = x.system
                             AND t.payload->>'external_id' = x.value))
            THEN 'REFERENCED'
        WHEN EXISTS (SELECT 1 FROM leads_personmerge m
                      WHERE m.winner_id = p.id OR m.loser_id = p.id) THEN 'MERGED'
        ELSE '' END
      FROM mine JOIN leads_lead l ON l.id = mine.id JOIN leads_person p ON p.id = l.person_id
"""  # noqa: S608 - fragments of this module

OF_SEVERAL = {
    ImportRow.Stays.MERGED: "they were merged with other records",
    ImportRow.Stays.TOUCHED: "they have touchpoints from elsewhere",
    ImportRow.Stays.WORKED: "somebody worked on them",
    ImportRow.Stays.DEAL: "they have opportunities",
    ImportRow.Stays.REFERENCED: "other systems know them by an id",
}
"""The reasons as they are said of several leads."""

_LEADLESS = f"""
    WITH {OURS}
    SELECT count(*) FROM ours JOIN leads_touch t ON t.id = ours.id WHERE t.lead_id IS NULL
"""  # noqa: S608 - fragments of this module


@dataclass(frozen=True, slots=True)
class Preview:
    """What undoing would do: leads that go, leads that stay by why, touchpoints without a lead."""

    goes: int
    stays: dict[str, int]
    leadless: int

    @property
    def staying(self) -> int:
        """How many leads stay."""
        return sum(self.stays.values())

    def told(self) -> list[str]:
        """A sentence for each why."""
        return [sentence(why, count) for why, count in self.stays.items()]


def sentence(why: str, count: int) -> str:
    """So many stay, and why."""
    noun = "lead stays" if count == 1 else "leads stay"
    label = ImportRow.Stays(why).label if count == 1 else OF_SEVERAL[ImportRow.Stays(why)]
    return f"{count:,} {noun}: {label}."


def fate(row: ImportRow) -> tuple[str, ...]:
    """What became of a row when its import was undone; nothing if it was not."""
    if row.undone == ImportRow.Undone.STAYS:
        why = f"its lead stays: {row.get_stays_display()}" if row.stays else "it never had a lead"
        return (f"Withdrawn; {why}.",)
    return ("Removed.",) if row.undone else ()


def preview(run: ImportRun) -> Preview:
    """What undoing the rest of an import would do now; two queries, nothing is locked."""
    found = Counter(judge(run.pk).values())
    goes = found.pop("", 0)
    with connection.cursor() as cursor:
        cursor.execute(_LEADLESS, {"run": run.pk})
        (leadless,) = cursor.fetchone()
    order = [why for why in ImportRow.Stays.values if found[why]]
    return Preview(goes, {why: found[why] for why in order}, leadless)


def judge(run_id: int, leads: Collection[int] | None = None) -> dict[int, str]:
    """By lead that the import touched, why it stays; empty where it goes. `leads` keeps to some."""
    wanted = None if leads is None else sorted(leads)
    with connection.cursor() as cursor:
        cursor.execute(_JUDGED, {"run": run_id, "leads": wanted})
        return dict(cursor.fetchall())
