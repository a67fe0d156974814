"""Ways to break what must hold of opportunities."""

from __future__ import annotations

from tests.breaking import broken_by

broken_by(
    "opportunity.follows_its_steps",
    """UPDATE leads_opportunity SET sales_stage = 'nowhere'
        WHERE id = (SELECT min(id) FROM leads_opportunity) RETURNING id""",
)

broken_by(
    "opportunity.follows_its_steps",
    """UPDATE leads_opportunity SET version = version + 1
        WHERE id = (SELECT max(id) FROM leads_opportunity) RETURNING id""",
)

broken_by(
    "opportunity.value_by_its_rate",
    """UPDATE leads_opportunity
          SET amount = 100, currency = 'CHF', amount_base = 105.5, rate = 1.05,
              rate_date = '2026-03-03'
        WHERE id = (SELECT min(id) FROM leads_opportunity) RETURNING id""",
)
