"""The tables as they stand after 0005_segments_and_evidence, in one step; a database that took the steps skips it."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('sla', '0001_initial'), ('sla', '0002_parked_clocks'), ('sla', '0003_escalation'), ('sla', '0004_one_index_for_each_question'), ('sla', '0005_segments_and_evidence')]

    initial = True

    dependencies = [
        ('governance', '0001_squashed'),
        ('leads', '0001_squashed'),
        ('people', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='HoursPin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(help_text='Of the document.', max_length=64, unique=True)),
                ('document', models.JSONField(help_text='A work calendar, as `core.work_calendar` writes it.')),
            ],
        ),
        migrations.CreateModel(
            name='Clock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('obligation', models.CharField(max_length=40)),
                ('policy', models.CharField(help_text='Key of the clock policy in its kit.', max_length=60)),
                ('scope', models.CharField(max_length=10)),
                ('calendar', models.CharField(max_length=60)),
                ('cycle', models.PositiveSmallIntegerField(default=1)),
                ('state', models.CharField(choices=[('RUNNING', 'Running'), ('PAUSED', 'Paused'), ('STOPPED', 'Stopped'), ('CANCELLED', 'Cancelled')], default='RUNNING', max_length=10)),
                ('channel', models.CharField(blank=True, max_length=14)),
                ('started_at', models.DateTimeField()),
                ('warn_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('warned_at', models.DateTimeField(blank=True, null=True)),
                ('breached_at', models.DateTimeField(blank=True, help_text='The deadline that passed.', null=True)),
                ('stopped_at', models.DateTimeField(blank=True, null=True)),
                ('evidence', models.CharField(blank=True, help_text='Kind of what ended it.', max_length=60)),
                ('evidence_id', models.BigIntegerField(blank=True, null=True)),
                ('working_seconds', models.FloatField(blank=True, help_text='Open time on its calendar from start to end.', null=True)),
                ('void', models.BooleanField(default=False, help_text='What ended it was undone; a successor runs on.')),
                ('holder', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='clocks', to=settings.AUTH_USER_MODEL)),
                ('kit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='governance.kitversion')),
                ('lead', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='clocks', to='leads.lead')),
                ('stopped_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('parked_error', models.TextField(blank=True)),
                ('parked_until', models.DateTimeField(blank=True, help_text='A sweep failed on it; the next one looks then.', null=True)),
                ('escalate_at', models.DateTimeField(blank=True, help_text='When it comes, unless the clock has ended by then.', null=True)),
                ('escalation', models.CharField(blank=True, help_text='Key of the escalation level that comes next.', max_length=60)),
                ('effective_at', models.DateTimeField(blank=True, help_text='An earlier stop, proven after the clock had ended.', null=True)),
                ('event_at', models.DateTimeField(blank=True, help_text='When what started it happened, where that was earlier.', null=True)),
                ('left_us', models.BigIntegerField(blank=True, help_text='Microseconds of open time to the deadline, in a pause.', null=True)),
                ('left_warn_us', models.BigIntegerField(blank=True, help_text='The same to its warning; negative once it has passed.', null=True)),
                ('paused_at', models.DateTimeField(blank=True, null=True)),
                ('promised_at', models.DateTimeField(blank=True, help_text='The instant somebody promised, where it counts from that.', null=True)),
                ('proof', models.CharField(blank=True, choices=[('VERIFIED', 'Verified'), ('SELF', 'Self-reported')], max_length=8)),
                ('received_at', models.DateTimeField(blank=True, help_text='When we heard of it, where it came from outside.', null=True)),
                ('resume_at', models.DateTimeField(blank=True, help_text='When a pause ends by itself at the latest.', null=True)),
                ('tzdata', models.CharField(blank=True, help_text='Release of the time zones it was computed with.', max_length=12)),
                ('pin', models.ForeignKey(blank=True, db_index=False, help_text="The hours it counts, where they are its holder's.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sla.hourspin')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('breached_at__isnull', True), ('state', 'RUNNING'), ('warned_at__isnull', True)), fields=['warn_at'], name='clocks_to_warn'), models.Index(condition=models.Q(('breached_at__isnull', True), ('state', 'RUNNING')), fields=['due_at'], name='clocks_to_breach'), models.Index(fields=['lead'], name='clock_by_lead'), models.Index(fields=['started_at', 'obligation'], name='clock_by_start'), models.Index(condition=models.Q(('escalate_at__isnull', False), ('state', 'RUNNING')), fields=['escalate_at'], name='clocks_to_escalate'), models.Index(condition=models.Q(('resume_at__isnull', False), ('state', 'PAUSED')), fields=['resume_at'], name='clocks_to_resume')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['RUNNING', 'PAUSED'])), fields=('lead', 'obligation', 'scope'), name='one_open_clock_per_obligation'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['RUNNING', 'PAUSED']), ('stopped_at__isnull', True)), models.Q(('state__in', ['STOPPED', 'CANCELLED']), ('stopped_at__isnull', False)), _connector='OR'), name='ended_clock_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'STOPPED'), _negated=True), models.Q(('evidence', ''), _negated=True), _connector='OR'), name='stopped_clock_has_evidence'), models.CheckConstraint(condition=models.Q(('breached_at__isnull', True), ('breached_at', models.F('due_at')), _connector='OR'), name='breach_is_at_the_deadline'), models.CheckConstraint(condition=models.Q(models.Q(('breached_at__isnull', True), ('left_us__isnull', False), ('paused_at__isnull', False), ('state', 'PAUSED')), models.Q(models.Q(('state', 'PAUSED'), _negated=True), ('left_us__isnull', True), ('paused_at__isnull', True), ('resume_at__isnull', True)), _connector='OR'), name='paused_clock_knows_what_is_left'), models.CheckConstraint(condition=models.Q(('event_at__isnull', True), ('event_at__lte', models.F('started_at')), _connector='OR'), name='clock_starts_after_its_cause'), models.CheckConstraint(condition=models.Q(('effective_at__isnull', True), models.Q(('effective_at__lte', models.F('stopped_at')), ('state', 'STOPPED')), _connector='OR'), name='earlier_stop_of_a_stopped_clock'), models.CheckConstraint(condition=models.Q(('proof__in', ['', 'VERIFIED', 'SELF'])), name='proof_known')],
            },
        ),
        migrations.CreateModel(
            name='ClockEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('STARTED', 'Started'), ('WARNED', 'Warned'), ('BREACHED', 'Breached'), ('STOPPED', 'Stopped'), ('CANCELLED', 'Cancelled'), ('VOIDED', 'Voided'), ('CORRECTED', 'Corrected'), ('ESCALATED', 'Escalated'), ('HANDED', 'Handed over'), ('PAUSED', 'Paused'), ('RESUMED', 'Resumed'), ('MOVED', 'Deadline moved'), ('JOINED', 'Joined by a further cause')], max_length=10)),
                ('at', models.DateTimeField(help_text='When it became true.')),
                ('recorded_at', models.DateTimeField()),
                ('clock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='sla.clock')),
                ('event', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='clock_events', to='leads.leadevent')),
                ('cause', models.CharField(blank=True, choices=[('CUSTOMER', 'Waiting for the customer'), ('LEAVE', 'Holder on leave')], help_text='Of a pause.', max_length=8)),
                ('due_at', models.DateTimeField(blank=True, help_text='The deadline from here on.', null=True)),
                ('holder', models.ForeignKey(blank=True, db_index=False, help_text='Who held the lead from here on; nobody while it waits in a queue.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('level', models.CharField(blank=True, help_text='Of an escalation: its key.', max_length=60)),
            ],
            options={
                'indexes': [models.Index(fields=['event'], name='clock_event_by_event')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind__in', ['STOPPED', 'CANCELLED'])), fields=('clock',), name='clock_ends_once'), models.UniqueConstraint(condition=models.Q(('kind__in', ('STARTED', 'WARNED', 'BREACHED', 'STOPPED', 'CANCELLED', 'VOIDED'))), fields=('clock', 'kind'), name='each_clock_event_once'), models.UniqueConstraint(condition=models.Q(('kind', 'ESCALATED')), fields=('clock', 'level'), name='each_level_once'), models.CheckConstraint(condition=models.Q(models.Q(('cause__in', ['CUSTOMER', 'LEAVE']), ('kind', 'PAUSED')), models.Q(models.Q(('kind', 'PAUSED'), _negated=True), ('cause', '')), _connector='OR'), name='a_pause_has_its_cause')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='hourspin',
            trigger=pgtrigger.compiler.Trigger(name='hours_pins_are_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c2058b0be0faf1d5a00c48fa98e5c433c0899737', operation='UPDATE OR DELETE', pgid='pgtrigger_hours_pins_are_append_only_66189', table='sla_hourspin', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clock',
            trigger=pgtrigger.compiler.Trigger(name='ended_clocks_stay_ended', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IN (\'STOPPED\', \'CANCELLED\') AND (OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."stopped_at" IS DISTINCT FROM (NEW."stopped_at") OR OLD."due_at" IS DISTINCT FROM (NEW."due_at") OR OLD."breached_at" IS DISTINCT FROM (NEW."breached_at")))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='39889b1031a93377126317f33e14feea9d107994', operation='UPDATE', pgid='pgtrigger_ended_clocks_stay_ended_88614', table='sla_clock', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clock',
            trigger=pgtrigger.compiler.Trigger(name='clocks_are_never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='1be67d253a83bc5cee310b1654f16135f377ed13', operation='DELETE', pgid='pgtrigger_clocks_are_never_deleted_4e30a', table='sla_clock', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clockevent',
            trigger=pgtrigger.compiler.Trigger(name='clock_events_are_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d5a33600cd1a535331a08a3a1ae1b7dc73391804', operation='UPDATE OR DELETE', pgid='pgtrigger_clock_events_are_append_only_3a1b4', table='sla_clockevent', when='BEFORE')),
        ),
    ]
