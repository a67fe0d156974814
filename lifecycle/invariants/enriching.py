"""What was learnt: provenance speaks of fields there are, and no question is forgotten."""

from __future__ import annotations

from leads import enrichment
from lifecycle.invariants.invariant import Invariant, Severity, query


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


OF_ACCOUNTS = ("domain", "owner", "status", "parent")
"""Fields of a company that other systems tell, but no touchpoint and no provider."""

INVARIANTS = (
    Invariant(
        "person.provenance",
        "The origins told of a person are of fields that a person has",
        query(f"""
            SELECT p.id, 'tells where “' || key || '” came from, which is no field'
              FROM leads_person p, jsonb_object_keys(p.provenance) AS key
             WHERE key NOT IN ({_listed(enrichment.PERSON)})
        """),  # noqa: S608 - names of this program
    ),
    Invariant(
        "account.provenance",
        "The origins told of a company are of fields that a company has",
        query(f"""
            SELECT a.id, 'tells where “' || key || '” came from, which is no field'
              FROM leads_account a, jsonb_object_keys(a.provenance) AS key
             WHERE key NOT IN ({_listed((*enrichment.COMPANY, *OF_ACCOUNTS))})
        """),  # noqa: S608 - names of this program
    ),
    Invariant(
        "lead.provenance",
        "The origins told of a lead are of fields that are learnt of it",
        query(f"""
            SELECT l.id, 'tells where “' || key || '” came from, which is no field'
              FROM leads_lead l, jsonb_object_keys(l.provenance) AS key
             WHERE key NOT IN ({_listed(enrichment.LEAD)})
        """),  # noqa: S608 - names of this program
    ),
    Invariant(
        "enrichment.outcome",
        "A question to a provider has an outcome if and only if it is done",
        query("""
            SELECT id, CASE WHEN done_at IS NULL THEN 'is open, yet says ' || outcome
                            ELSE 'is done without an outcome' END
              FROM leads_enrichmenttask
             WHERE (done_at IS NULL) <> (outcome = '')
        """),
    ),
    Invariant(
        "enrichment.asked",
        "No question to a provider in use has waited for a day",
        query("""
            SELECT t.id, 'waits since ' || to_char(t.due_at, 'YYYY-MM-DD HH24:MI')
              FROM leads_enrichmenttask t
              JOIN leads_enrichmentprovider p ON p.id = t.provider_id AND p.active
             WHERE t.done_at IS NULL AND t.due_at < %(now)s - interval '1 day'
               AND (t.lease_until IS NULL OR t.lease_until < %(now)s)
        """),
        Severity.WARNING,
    ),
)
