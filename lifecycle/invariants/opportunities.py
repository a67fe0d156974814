"""Opportunities stand where their log says, and who sells is named with a role."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, query

INVARIANTS = (
    Invariant(
        "opportunity.follows_its_steps",
        "An opportunity stands where its steps left it, and they have no gaps",
        query("""
            SELECT o.id, 'is ' || o.status || ' at “' || o.sales_stage || '”, its log of '
                         || s.steps || ' steps says ' || coalesce(ended.kind, 'nothing')
                         || ' at “' || coalesce(last.to_stage, '') || '”'
              FROM leads_opportunity o
             CROSS JOIN LATERAL (SELECT count(*) AS steps FROM leads_opportunitystep
                                  WHERE opportunity_id = o.id) s
              LEFT JOIN LATERAL (SELECT to_stage FROM leads_opportunitystep
                                  WHERE opportunity_id = o.id
                                  ORDER BY sequence DESC LIMIT 1) last ON TRUE
              LEFT JOIN LATERAL (SELECT kind FROM leads_opportunitystep
                                  WHERE opportunity_id = o.id
                                    AND kind IN ('OPENED', 'WON', 'LOST', 'REOPENED')
                                  ORDER BY sequence DESC LIMIT 1) ended ON TRUE
             WHERE s.steps <> o.version OR last.to_stage IS DISTINCT FROM o.sales_stage
                OR o.status <> CASE WHEN ended.kind IN ('WON', 'LOST') THEN ended.kind
                                    ELSE 'OPEN' END
        """),
    ),
    Invariant(
        "opportunity.value_by_its_rate",
        "What an opportunity is worth in the base currency is its amount at the rate it names",
        query("""
            SELECT id, 'is worth ' || coalesce(amount_base::text, 'nothing known') || ', its '
                       || amount || ' ' || currency || ' by the rate ' || coalesce(rate::text, '–')
              FROM leads_opportunity
             WHERE abs(amount_base - amount * rate) > 0.01
                OR (amount_base IS NULL) <> (amount IS NULL OR rate IS NULL OR rate_date IS NULL)
        """),
    ),
)
