"""Leads that an exclusion has out stand so, and name one that their kit has."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, query

INVARIANTS = (
    Invariant(
        "lead.exclusion_known",
        "A lead that an exclusion has out was disqualified by that one last, by a kit that has it, "
        "and knows where it stood",
        query("""
            SELECT l.id, 'is kept out by “' || l.exclusion || '”, '
                         || CASE WHEN e.id IS NULL THEN 'which no step of it names'
                                 WHEN NOT e.back THEN 'whose step says otherwise where it stood'
                                 ELSE 'which its kit has not, or not for that reason' END
              FROM leads_lead l
              LEFT JOIN LATERAL (
                    SELECT s.id, s.kit_id, s.because FROM leads_leadevent s
                     WHERE s.lead_id = l.id AND s.kind = 'STAGE'
                       AND s.transition NOT IN ('merge', 'unmerge', 'undo')
                       AND NOT EXISTS (SELECT FROM leads_leadevent u
                                        WHERE u.lead_id = s.lead_id AND u.transition = 'undo'
                                          AND (u.because->>'undone')::bigint = s.id)
                     ORDER BY s.sequence DESC LIMIT 1) last ON TRUE
              LEFT JOIN LATERAL (
                    SELECT last.id, l.before_exclusion ? 'rejection'
                           OR coalesce(last.because->'stood', '{}') = l.before_exclusion AS back
                     WHERE last.because->>'exclusion' = l.exclusion) e ON TRUE
             WHERE l.exclusion <> '' AND l.stage <> 'MERGED'
               AND (e.id IS NULL OR NOT e.back OR l.reason = '' OR NOT EXISTS (
                    SELECT 1 FROM governance_kitversion k,
                           jsonb_array_elements(k.document->'parts'->'exclusion') p
                     WHERE k.id = last.kit_id AND p->>'key' = l.exclusion
                       AND (p->>'reason' = l.reason)))
        """),
    ),
    Invariant(
        "lead.let_past_in_its_cycle",
        "Exclusions that a lead was let pass were let pass by people, since it was last reopened",
        query("""
            SELECT l.id, 'was let pass “' || key || '”, which no step since it came back says'
              FROM leads_lead l, jsonb_array_elements_text(l.passed_exclusions) key
             WHERE l.passed_exclusions <> '[]'::jsonb
               AND NOT EXISTS (SELECT 1 FROM leads_leadevent e
                                WHERE e.lead_id = l.id AND e.transition = 'readmit'
                                  AND e.because->>'exclusion' = key
                                  AND (e.because->>'passed')::boolean
                                  AND NOT EXISTS (SELECT 1 FROM leads_leadevent n
                                                   WHERE n.lead_id = l.id
                                                     AND n.transition = 'reopen'
                                                     AND n.sequence > e.sequence))
        """),
    ),
)
