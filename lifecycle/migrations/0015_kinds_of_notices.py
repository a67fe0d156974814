
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lifecycle', '0014_realignments'),
    ]

    operations = [
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('ASSIGNED', 'New lead'), ('WARNED', 'Due soon'), ('BREACHED', 'Overdue'), ('ESCALATED', 'Escalated'), ('REVIEW', 'Kit to sign'), ('SIGNED', 'Kit signed'), ('ALL_SIGNED', 'Kit signed by all'), ('SCHEDULED', 'Kit scheduled'), ('UNSCHEDULED', 'Kit schedule cancelled'), ('PUBLISHED', 'Kit in force'), ('ROLLED_BACK', 'Kit rolled back'), ('EMERGENCY', 'Emergency kit in force'), ('HALF_TIME', 'Emergency kit half over'), ('COUNTERSIGNED', 'Emergency kit countersigned'), ('REVERTED', 'Emergency kit reverted'), ('SET_BACK', 'Kit not in force'), ('REOPENED', 'Kit back to draft'), ('WITHDRAWN', 'Kit withdrawn'), ('REALIGNED', 'Territories realigned')], max_length=14),
        ),
    ]
