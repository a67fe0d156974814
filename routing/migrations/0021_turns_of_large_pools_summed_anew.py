"""Sums say of large pools what became of everybody: all are made anew by the worker."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("routing", "0020_room_for_reasons")]

    operations = [
        migrations.RunSQL("DELETE FROM routing_turnsum", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="turnsum",
            name="tallies",
            field=models.JSONField(
                help_text="Rows of user, weight, whole, fate, earned, and how many turns."
            ),
        ),
    ]
