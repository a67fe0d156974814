"""Versions that were published before there was a log get their one step; nobody is told of it."""

from django.db import migrations

LOG = """
    INSERT INTO governance_kitevent (kit_id, kind, by_id, at, text, details)
    SELECT v.id, 'PUBLISHED', v.published_by_id, v.published_at, v.checksum,
           jsonb_build_object('base', b.number, 'scheduled_by', v.scheduled_by_id,
                              'by_itself', v.published_by_id IS NULL)
      FROM governance_kitversion v LEFT JOIN governance_kitversion b ON b.id = v.base_id
     WHERE v.published_at IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('governance', '0005_kit_log'),
    ]

    operations = [migrations.RunSQL(LOG, migrations.RunSQL.noop)]
