from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("lifecycle", "0020_mails_given_up_before")]

    operations = [
        migrations.RemoveIndex(
            model_name='notice',
            name='notices_to_mail',
        ),
        migrations.RemoveField(
            model_name='notice',
            name='mail_attempts',
        ),
        migrations.RemoveField(
            model_name='notice',
            name='mail_error',
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('mail__isnull', True), ('mail_due_at__isnull', False), ('mailed_at__isnull', True)), fields=['mail_due_at'], name='notices_to_mail'),
        ),
    ]
