from django.db import migrations

# Stops of before: what their note hangs on, and how sure an activity was.
EVIDENCE = """
    UPDATE sla_clock SET evidence_id = n.event_id FROM sla_clockevent n
     WHERE n.clock_id = sla_clock.id AND n.kind = 'STOPPED' AND sla_clock.evidence_id IS NULL
"""
PROOF = """
    UPDATE sla_clock SET proof = CASE WHEN a.verified THEN 'VERIFIED' ELSE 'SELF' END
      FROM leads_activity a
     WHERE a.id = evidence_id AND evidence = 'activity' AND state = 'STOPPED' AND proof = ''
"""


class Migration(migrations.Migration):

    dependencies = [('sla', '0009_why_clocks_pause'), ('leads', '0018_daily_seal')]

    operations = [
        migrations.RunSQL([EVIDENCE, PROOF, "SET CONSTRAINTS ALL IMMEDIATE"], migrations.RunSQL.noop),
    ]
