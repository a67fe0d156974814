"""Legs that go on after an undo had lost the decision of the leg they go on from."""

from __future__ import annotations

from django.db import migrations

RESUMED = """
    UPDATE routing_assignment a SET decision_id = p.decision_id
      FROM routing_assignment g
      JOIN leads_leadevent s ON s.id = g.started_by_event_id
      JOIN LATERAL (SELECT b.decision_id FROM routing_assignment b
                      JOIN leads_leadevent e ON e.id = b.started_by_event_id
                     WHERE b.lead_id = g.lead_id AND b.user_id = g.user_id AND b.id < g.id
                       AND coalesce(e.because->>'why', '') NOT IN ('undo', 'unmerged')
                     ORDER BY b.id DESC LIMIT 1) p ON TRUE
     WHERE a.id = g.id AND s.because->>'why' IN ('undo', 'unmerged')
       AND a.decision_id IS NULL AND p.decision_id IS NOT NULL
"""


class Migration(migrations.Migration):
    """Gives them the decision back; nothing else of the record changes."""

    dependencies = [("routing", "0018_decisions_are_not_truncated")]

    operations = [migrations.RunSQL(RESUMED, migrations.RunSQL.noop)]
