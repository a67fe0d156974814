"""An index the queue's poll needs, and the shared cache's table."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0002_initial"), ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX IF NOT EXISTS ormq_by_key_and_lock ON django_q_ormq (key, lock)",
            "DROP INDEX IF EXISTS ormq_by_key_and_lock",
        ),
        migrations.RunSQL(
            """
            CREATE TABLE IF NOT EXISTS leadgov_cache (
                cache_key varchar(255) NOT NULL PRIMARY KEY,
                value text NOT NULL,
                expires timestamp with time zone NOT NULL
            );
            CREATE INDEX IF NOT EXISTS leadgov_cache_expires ON leadgov_cache (expires)
            """,
            "DROP TABLE IF EXISTS leadgov_cache",
        ),
    ]
