"""Partners: one at a time has a company, and a decided conflict did what it says."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, query

INVARIANTS = (
    Invariant(
        "partner.one_at_a_time",
        "At no instant is a company registered to two partners",
        query("""
            SELECT DISTINCT b.id, 'overlaps registration ' || a.id || ' of account ' || a.account_id
              FROM leads_partnerregistration a
              JOIN leads_partnerregistration b ON b.account_id = a.account_id AND b.id > a.id
             WHERE a.state NOT IN ('YIELDED', 'UNDONE') AND b.state NOT IN ('YIELDED', 'UNDONE')
               AND tstzrange(a.from_at, coalesce(a.ended_at, a.until_at))
                   && tstzrange(b.from_at, coalesce(b.ended_at, b.until_at))
        """),
    ),
    Invariant(
        "partner.given_to_second",
        "What is given to the second partner is theirs, and the first one's has ended by then",
        query("""
            SELECT c.id, 'gave a registration that is not the second one''s, or overlaps the first'
              FROM leads_partnerconflict c
              JOIN leads_partnerregistration first ON first.id = c.registration_id
              JOIN leads_partnerregistration second ON second.id = c.made_id
             WHERE c.state = 'GIVEN_TO_SECOND'
               AND (second.partner_id IS DISTINCT FROM c.claimant_id
                    OR coalesce(first.ended_at, first.until_at) > second.from_at)
        """),
    ),
    Invariant(
        "partner.extended",
        "A registration ends when it was last extended to, each time from the end it had",
        query("""
            SELECT r.id, 'ends at ' || r.until_at || ', which is not what its extensions say'
              FROM leads_partnerregistration r
              JOIN (SELECT DISTINCT ON (registration_id) registration_id, until_after
                      FROM leads_partnerextension WHERE undone_at IS NULL
                     ORDER BY registration_id, until_after DESC) AS last
                ON last.registration_id = r.id
             WHERE last.until_after <> r.until_at
            UNION
            SELECT x.registration_id, 'was extended from ' || x.until_before || ', not its end'
              FROM leads_partnerextension x
             WHERE x.undone_at IS NULL
               AND EXISTS (SELECT 1 FROM leads_partnerextension y
                            WHERE y.registration_id = x.registration_id AND y.undone_at IS NULL
                              AND y.until_before < x.until_before)
               AND NOT EXISTS (SELECT 1 FROM leads_partnerextension y
                                WHERE y.registration_id = x.registration_id
                                  AND y.undone_at IS NULL AND y.until_after = x.until_before)
        """),
    ),
    Invariant(
        "partner.claimant_is_another",
        "Nobody has a conflict with themselves",
        query("""
            SELECT c.id, 'sets partner ' || c.claimant_id || ' against themselves'
              FROM leads_partnerconflict c
              JOIN leads_partnerregistration r ON r.id = c.registration_id
             WHERE c.claimant_id = r.partner_id
        """),
    ),
)
