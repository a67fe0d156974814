"""Ways to break what must hold of leads that an exclusion has out."""

from __future__ import annotations

from tests.breaking import broken_by

LEAD = "(SELECT min(id) FROM leads_lead WHERE stage = 'DISQUALIFIED')"

broken_by(
    "lead.exclusion_known",
    f"UPDATE leads_lead SET exclusion = 'student', reason = 'student' WHERE id = {LEAD} "
    "RETURNING id",
)
broken_by(
    "lead.let_past_in_its_cycle",
    """UPDATE leads_lead SET passed_exclusions = '["student"]' WHERE id = """
    """(SELECT min(id) FROM leads_lead) RETURNING id""",
)
