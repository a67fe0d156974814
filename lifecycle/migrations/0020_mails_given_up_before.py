from django.db import migrations

GIVEN_UP = """
    WITH lost AS (
        SELECT id, to_id, created_at, mail_attempts, mail_error
          FROM lifecycle_notice
         WHERE mailed_at IS NULL AND mail_error > ''
           AND (mail_due_at IS NULL OR mail_attempts >= 8)
    ), made AS (
        INSERT INTO lifecycle_mail (id, to_id, digest, notices, state, created_at, due_at, attempts,
                                    round, sent_at, last_error)
        SELECT nextval(pg_get_serial_sequence('lifecycle_mail', 'id')), to_id, false, 1, 'DEAD',
               created_at, NULL, 0, 1, NULL, 'Given up before attempts were kept.'
          FROM lost
        RETURNING id, to_id, created_at
    ), numbered AS (
        SELECT id, row_number() OVER (PARTITION BY to_id, created_at ORDER BY id) AS n,
               to_id, created_at FROM made
    ), lost_numbered AS (
        SELECT id, row_number() OVER (PARTITION BY to_id, created_at ORDER BY id) AS n,
               to_id, created_at FROM lost
    )
    UPDATE lifecycle_notice n
       SET mail_id = m.id, mail_due_at = n.created_at
      FROM lost_numbered l JOIN numbered m USING (to_id, created_at, n)
     WHERE n.id = l.id
"""
"""Mails that were given up stay visible, and can be sent again."""


class Migration(migrations.Migration):

    dependencies = [("lifecycle", "0019_mails_and_their_attempts")]

    operations = [migrations.RunSQL(GIVEN_UP, migrations.RunSQL.noop)]
