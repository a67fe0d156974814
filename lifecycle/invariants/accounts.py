"""Companies: each domain names one, none stands above itself, and the known make no new MQLs."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, query
from lifecycle.turns import KNOWN, UNWANTED

MARKED = ", ".join(f"'{status.value}'" for status in (*KNOWN, *UNWANTED))
UNWELCOME = ", ".join(f"'{status.value}'" for status in UNWANTED)

INVARIANTS = (
    Invariant(
        "account.domain_names_one",
        "A domain is one account's own or its alias, never that of two",
        query("""
            SELECT x.id, 'makes ' || x.value || ' an alias of account ' || x.account_id
                         || ', it is the domain of account ' || a.id
              FROM leads_accountalias x
              JOIN leads_account a ON a.domain = x.value AND a.id <> x.account_id
             WHERE x.kind = 'DOMAIN'
        """),
    ),
    Invariant(
        "account.part_is_gone",
        "An account that became a part of another is no account besides",
        query("""
            SELECT m.id, 'made account ' || m.loser || ' a part of ' || m.winner
                         || ', yet it stands'
              FROM leads_accountmerge m JOIN leads_account a ON a.id = m.loser
             WHERE m.undone_at IS NULL
        """),
    ),
    Invariant(
        "account.no_circle",
        "No account stands above itself",
        query("""
            WITH RECURSIVE up (start, at, depth) AS (
                SELECT id, parent_id, 1 FROM leads_account WHERE parent_id IS NOT NULL
                UNION ALL
                SELECT up.start, a.parent_id, up.depth + 1
                  FROM up JOIN leads_account a ON a.id = up.at
                 WHERE a.parent_id IS NOT NULL AND up.at <> up.start AND up.depth < 100)
            SELECT DISTINCT start, 'stands above itself' FROM up WHERE at = start
        """),
    ),
    Invariant(
        "account.customer_has_record",
        "A customer has a record that says so, a former customer one that churned, nobody else",
        query("""
            SELECT a.id, 'is ' || a.status || ', its record as a customer is '
                         || coalesce(c.status, 'missing')
              FROM leads_account a LEFT JOIN leads_customer c ON c.account_id = a.id
             WHERE (a.status = 'CUSTOMER' AND c.status IS DISTINCT FROM 'ACTIVE')
                OR (a.status = 'FORMER_CUSTOMER' AND c.status IS DISTINCT FROM 'CHURNED')
                OR (a.status IN ('PROSPECT', 'OPEN_OPPORTUNITY') AND c.status = 'ACTIVE')
                OR (a.status = 'PROSPECT' AND c.status = 'CHURNED')
        """),
    ),
    Invariant(
        "account.customer_follows_its_steps",
        "A customer stands where its last step left it, and its steps have no gaps",
        query("""
            SELECT c.id, 'is ' || c.status || ', its log of ' || s.steps || ' steps says '
                         || coalesce(last.status, 'nothing')
              FROM leads_customer c
             CROSS JOIN LATERAL (SELECT count(*) AS steps FROM leads_customerstep
                                  WHERE customer_id = c.id) s
              LEFT JOIN LATERAL (SELECT status FROM leads_customerstep WHERE customer_id = c.id
                                  ORDER BY sequence DESC LIMIT 1) last ON TRUE
             WHERE s.steps <> c.version OR last.status IS DISTINCT FROM c.status
        """),
    ),
    Invariant(
        "account.unwanted_waits_not",
        "No lead of a competitor, or of an account that must not be contacted, waits in a queue",
        query(f"""
            SELECT l.id, 'waits in “' || l.queue || '”, its account is ' || a.status
              FROM leads_lead l JOIN leads_account a ON a.id = l.account_id
             WHERE l.queue <> '' AND a.status IN ({UNWELCOME})
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "account.makes_no_mql",
        "No lead of a customer, open opportunity, competitor or do-not-contact became an MQL by "
        "itself while the account was one and its kit knew of such accounts",
        query(f"""
            SELECT e.id, 'made an MQL of lead ' || e.lead_id || ', its account was ' || s.status
              FROM leads_leadevent e
              JOIN leads_lead l ON l.id = e.lead_id
              JOIN governance_kitversion k ON k.id = e.kit_id
              JOIN LATERAL (SELECT h.account_id FROM leads_historicallead h
                             WHERE h.id = e.lead_id AND h.history_date <= e.recorded_at
                             ORDER BY h.history_date DESC, h.history_id DESC LIMIT 1) h ON TRUE
              JOIN LATERAL (SELECT a.status FROM leads_historicalaccount a
                             WHERE a.id = h.account_id AND a.history_date < e.recorded_at
                             ORDER BY a.history_date DESC, a.history_id DESC LIMIT 1) s ON TRUE
             WHERE e.kind = 'STAGE' AND e.transition = 'qualify' AND e.by_id IS NULL
               AND e.because->>'history' IS NULL
               AND l.account_id IN (SELECT id FROM leads_historicalaccount
                                     WHERE status IN ({MARKED}))
               AND s.status IN ({MARKED})
               AND NOT k.document->'parts' ? 'clock_exemption'
               AND EXISTS (SELECT 1 FROM jsonb_array_elements(k.document->'parts'->'clock_policy') p
                            WHERE p->'starts_on' ? 'KNOWN_ACCOUNT' AND p->'stages' ? e.from_stage
                              AND coalesce(p->'condition', 'null') = 'null')
        """),  # noqa: S608 - statuses of this repository
    ),
)
