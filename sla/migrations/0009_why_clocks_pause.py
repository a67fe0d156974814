from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('sla', '0008_sealed_clock_events')]

    operations = [
        migrations.AddField(
            model_name='clock',
            name='paused_for',
            field=models.CharField(blank=True, default='', help_text='Why, while it pauses.', max_length=8),
            preserve_default=False,
        ),
    ]
