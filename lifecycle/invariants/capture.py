"""Nothing that was answered with success is lost."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, query

SAME_BUYER = """(SELECT count(DISTINCT coalesce(p.merged_into_id, p.id)) = 1 FROM leads_person p
                   WHERE p.id IN (t.person_id, l.person_id))"""
"""That the persons of a touch and of its lead were merged."""

PARTED = """EXISTS (SELECT 1 FROM leads_leadevent e
                     WHERE e.lead_id::text = t.receipt->>'lead' AND e.kind = 'PARTED'
                       AND e.because->'touches' @> to_jsonb(t.id))"""
"""That a touch left the lead its receipt names when a merge was taken back."""

INVARIANTS = (
    Invariant(
        "touch.settled",
        "An advanced touch names its lead and person, and its receipt says the same",
        query(f"""
            SELECT t.id, CASE
                       WHEN t.lead_id IS NULL OR t.advanced_at IS NULL THEN 'has no lead'
                       WHEN t.receipt IS NULL THEN 'has no receipt'
                       WHEN t.person_id IS DISTINCT FROM l.person_id AND NOT {SAME_BUYER}
                           THEN 'is of another person than lead ' || t.lead_id
                       ELSE 'has a receipt for lead ' || coalesce(t.receipt->>'lead', 'none')
                   END
              FROM leads_touch t LEFT JOIN leads_lead l ON l.id = t.lead_id
             WHERE t.status = 'ADVANCED'
               AND (t.lead_id IS NULL OR t.advanced_at IS NULL OR t.receipt IS NULL
                    OR (t.person_id IS DISTINCT FROM l.person_id AND NOT {SAME_BUYER})
                    OR (t.receipt->>'lead' IS DISTINCT FROM t.lead_id::text AND NOT {PARTED}))
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "touch.in_log",
        "An advanced touch stands exactly once in the log of its lead",
        query("""
            SELECT t.id, 'stands ' || coalesce(e.times, 0) || ' times in its lead''s log'
              FROM leads_touch t
              LEFT JOIN (SELECT lead_id, because->>'touch' AS touch, count(*) AS times
                           FROM leads_leadevent WHERE kind = 'TOUCHED' GROUP BY 1, 2) e
                ON e.lead_id = t.lead_id AND e.touch = t.id::text
             WHERE t.status = 'ADVANCED' AND t.lead_id IS NOT NULL AND coalesce(e.times, 0) <> 1
        """),
    ),
    Invariant(
        "touch.signals_kept",
        "Every behaviour that an advanced touch carried is kept",
        query("""
            SELECT t.id, 'carried ' || jsonb_array_length(t.payload->'signals')
                         || ' signals, ' || coalesce(s.kept, 0) || ' are kept'
              FROM leads_touch t
              LEFT JOIN (SELECT touch_id, count(*) AS kept FROM leads_signal GROUP BY 1) s
                ON s.touch_id = t.id
             WHERE t.status = 'ADVANCED' AND jsonb_typeof(t.payload->'signals') = 'array'
               AND jsonb_array_length(t.payload->'signals') > coalesce(s.kept, 0)
        """),
    ),
    Invariant(
        "touch.left_behind",
        "No received touch waits more than a minute past its lease",
        query("""
            SELECT id, 'waits since ' || received_at
              FROM leads_touch
             WHERE status = 'RECEIVED'
               AND greatest(received_at, lease_until, next_attempt_at) < %(now)s - %(grace)s
        """),
    ),
    Invariant(
        "touch.somewhere",
        "A touch is with a lead, on its way, or in a queue that people see; it waits for somebody, "
        "or for a day",
        query("""
            SELECT id, CASE WHEN status = 'HELD' THEN 'is held without a day'
                            WHEN status = 'ADVANCED' THEN 'waits, though it was advanced'
                            ELSE 'is marked as left alone and is tried again' END
              FROM leads_touch
             WHERE (status = 'HELD' AND next_attempt_at IS NULL)
                OR (status = 'ADVANCED'
                    AND (next_attempt_at IS NOT NULL OR lease_until IS NOT NULL))
                OR (outcome IN ('set_aside', 'discarded')
                    AND (next_attempt_at IS NOT NULL
                         OR status <> CASE outcome WHEN 'set_aside' THEN 'PARKED'
                                                   ELSE 'QUARANTINED' END))
        """),
    ),
    Invariant(
        "touch.parked_with_reason",
        "A parked touch says why",
        query("""
            SELECT id, 'is parked without a reason'
              FROM leads_touch WHERE status = 'PARKED' AND last_error = ''
        """),
    ),
)
