from django.db import migrations
import pgtrigger


def name_holders(apps, schema_editor):
    """Notes of before told nobody: whoever holds the clock, or held it last, stands for all."""
    with pgtrigger.ignore("sla.ClockEvent:clock_events_are_append_only"):
        schema_editor.execute(
            "UPDATE sla_clockevent SET holder_id = c.holder_id, due_at = c.due_at FROM sla_clock c "
            "WHERE c.id = sla_clockevent.clock_id AND sla_clockevent.due_at IS NULL"
        )
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):

    dependencies = [('sla', '0005_segments_and_evidence')]

    operations = [migrations.RunPython(name_holders, migrations.RunPython.noop)]
