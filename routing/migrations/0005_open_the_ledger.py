from django.db import migrations

OPEN = """
    UPDATE routing_pool p SET turns = turns + 1
     WHERE EXISTS (SELECT FROM routing_poolmember m WHERE m.pool_id = p.id AND m.credit <> 0);
    INSERT INTO routing_creditentry (pool_id, user_id, turn, change, credit, why, note, at)
    SELECT m.pool_id, m.user_id, p.turns, m.credit, m.credit, 'CORRECTED', 'brought forward', now()
      FROM routing_poolmember m JOIN routing_pool p ON p.id = m.pool_id WHERE m.credit <> 0;
    UPDATE routing_poolmember m SET since_turn = p.turns
      FROM routing_pool p WHERE p.id = m.pool_id AND m.active;
"""
"""What was owed before turns were counted is brought forward, so that the ledger adds up."""


class Migration(migrations.Migration):

    dependencies = [('routing', '0004_the_ledger_begins')]

    operations = [migrations.RunSQL(OPEN, migrations.RunSQL.noop)]
