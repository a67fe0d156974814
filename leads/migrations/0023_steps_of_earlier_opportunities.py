"""Opportunities of before there were steps get those that are known: opened, won, lost."""

from __future__ import annotations

from django.db import migrations

STEPS = """
    INSERT INTO leads_opportunitystep (opportunity_id, sequence, kind, from_stage, to_stage,
                                       amount_base, owner_id, because, at, recorded_at)
    SELECT o.id, s.sequence, s.kind, '', '', o.amount_base, o.owner_id, '{"history": true}',
           s.at, s.at
      FROM leads_opportunity o
     CROSS JOIN LATERAL (VALUES (1, 'OPENED', o.created_at), (2, o.status, o.closed_at))
             AS s (sequence, kind, at)
     WHERE s.at IS NOT NULL;
    UPDATE leads_opportunity o SET version = (SELECT count(*) FROM leads_opportunitystep s
                                               WHERE s.opportunity_id = o.id);
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0022_opportunity_stages")]

    operations = [migrations.RunSQL(STEPS, migrations.RunSQL.noop)]
