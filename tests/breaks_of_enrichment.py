"""Ways to break what was learnt of buyers, and what others were asked."""

from __future__ import annotations

from tests.breaking import broken_by

broken_by(
    "person.provenance",
    """UPDATE leads_person SET provenance = '{"shoe_size": ["user", 100, "2026-03-03"]}'
        WHERE id = (SELECT min(id) FROM leads_person) RETURNING id""",
)
broken_by(
    "account.provenance",
    """UPDATE leads_account SET provenance = '{"shoe_size": ["user", 100, "2026-03-03"]}'
        WHERE id = (SELECT min(id) FROM leads_account) RETURNING id""",
)
broken_by(
    "lead.provenance",
    """UPDATE leads_lead SET provenance = '{"shoe_size": ["user", 100, "2026-03-03"]}'
        WHERE id = (SELECT min(id) FROM leads_lead) RETURNING id""",
)
QUESTION = """WITH provider AS (
    INSERT INTO leads_enrichmentprovider (key, label, kind, active, position, url, secret, header,
                                          mapping, confidence, timeout_seconds, retries,
                                          refresh_days)
    VALUES ('x', 'X', 'HTTP', true, 0, '', '', '', '{}', 70, 5, 3, 90) RETURNING id)
    INSERT INTO leads_enrichmenttask (lead_id, provider_id, due_at, attempts, done_at, outcome,
                                      filled, last_error, created_at)
    SELECT (SELECT min(id) FROM leads_lead), id, """
broken_by(
    "enrichment.outcome",
    QUESTION + "%(now)s::timestamptz, 1, %(now)s, '', '[]', '', %(now)s FROM provider RETURNING id",
)
broken_by(
    "enrichment.outcome",
    QUESTION
    + "%(now)s::timestamptz, 1, NULL, 'FAILED', '[]', '', %(now)s FROM provider RETURNING id",
)
broken_by(
    "enrichment.asked",
    QUESTION
    + """%(now)s::timestamptz - interval '25 hours', 0, NULL, '', '[]', '', %(now)s
           FROM provider RETURNING id""",
)
