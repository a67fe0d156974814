"""Merged people are one buyer, whole and without remainder, and can be parted again."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, query

INVARIANTS = (
    Invariant(
        "person.root",
        "A merged person is found to be the one at the end of the merges that stand",
        query("""
            WITH RECURSIVE walk AS (
                SELECT loser_id AS person, winner_id AS now_at, 1 AS steps
                  FROM leads_personmerge WHERE undone_at IS NULL
                 UNION ALL
                SELECT w.person, m.winner_id, w.steps + 1
                  FROM walk w JOIN leads_personmerge m
                    ON m.loser_id = w.now_at AND m.undone_at IS NULL
                 WHERE w.steps < 1000),
            ends AS (SELECT DISTINCT ON (person) person, now_at FROM walk
                      ORDER BY person, steps DESC)
            SELECT p.id, 'is found to be ' || coalesce(p.merged_into_id::text, 'nobody else')
                         || ', the merges say ' || coalesce(e.now_at::text, 'nobody else')
              FROM leads_person p LEFT JOIN ends e ON e.person = p.id
             WHERE p.merged_into_id IS DISTINCT FROM e.now_at
        """),
    ),
    Invariant(
        "lead.carries_on",
        "A merged lead names one that carries on, of the person its own is found to be",
        query("""
            SELECT l.id, 'is merged into lead ' || coalesce(t.id::text, 'none')
                         || CASE WHEN t.stage = 'MERGED' THEN ', which is merged itself'
                                 ELSE ', which is another buyer''s' END
              FROM leads_lead l
              JOIN leads_person p ON p.id = l.person_id
              LEFT JOIN leads_lead t ON t.id = l.merged_into_id
             WHERE l.stage = 'MERGED'
               AND (t.id IS NULL OR t.stage = 'MERGED'
                    OR t.person_id <> coalesce(p.merged_into_id, p.id))
        """),
    ),
    Invariant(
        "lead.of_the_winner",
        "A lead that was not merged is of a person who was not merged either",
        query("""
            SELECT l.id, 'is of person ' || p.id || ', who is found to be ' || p.merged_into_id
              FROM leads_person p JOIN leads_lead l ON l.person_id = p.id
             WHERE p.merged_into_id IS NOT NULL AND l.stage <> 'MERGED'
        """),
    ),
    Invariant(
        "signal.of_its_buyer",
        "A behaviour counts for the lead of its touch, or for the one that carries on",
        query("""
            SELECT s.id, 'counts for lead ' || s.lead_id || ', its touch is of lead ' || l.id
              FROM leads_signal s
              JOIN leads_touch t ON t.id = s.touch_id
              JOIN leads_lead l ON l.id = t.lead_id
             WHERE s.lead_id <> coalesce(l.merged_into_id, l.id)
        """),
    ),
    Invariant(
        "touch.came_as",
        "A touch is of the person whom the one it came as is found to be",
        query("""
            SELECT t.id, 'came as person ' || k.id || ', is of person ' || t.person_id
              FROM leads_touch t
              JOIN leads_person k ON k.id = t.came_as_id
              LEFT JOIN leads_person p ON p.id = t.person_id
             WHERE t.came_as_id IS NOT NULL
               AND coalesce(k.merged_into_id, k.id)
                       IS DISTINCT FROM coalesce(p.merged_into_id, p.id)
        """),
    ),
    Invariant(
        "merge.can_be_undone",
        "A merge that stands names every lead it changed, and what each was before, while its "
        "people are not erased",
        query("""
            SELECT m.id, 'knows nothing of lead ' || l.id
              FROM leads_leadevent e
              JOIN leads_lead l ON l.id = e.lead_id
              JOIN leads_personmerge m ON m.id = (e.because->>'merge')::bigint
              JOIN leads_person p ON p.id = m.winner_id AND p.erased_at IS NULL
             WHERE e.kind IN ('JOINED', 'STAGE') AND e.because ? 'merge'
               AND e.transition IN ('', 'merge') AND m.undone_at IS NULL
               AND NOT coalesce(m.before->'leads' ? l.id::text, FALSE)
        """),
    ),
)
