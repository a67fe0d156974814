"""A past for the people of `bench._directory`: owners, stages, log, clocks, decisions, notices.

Written by the database itself, a million leads in a few minutes. A tenth of the leads is held and
worked, two more tenths were held once, the rest were never given to anybody. What a page reads is
there; the rows are not what the pipeline would have written, and `verify` would not pass them.
"""

from __future__ import annotations

from typing import Any

_STAGE = """
    CASE id % 20 WHEN 0 THEN 'MQL' WHEN 1 THEN 'SAL' WHEN 2 THEN 'SQL' WHEN 3 THEN 'OPPORTUNITY'
                 WHEN 4 THEN 'WON' WHEN 5 THEN 'LOST' WHEN 6 THEN 'DISQUALIFIED'
                 ELSE 'NURTURE' END
"""
_SINCE = "created_at + interval '2 days'"
"""When the steps of the past were taken."""
_DUE = "now() + interval '10 minutes' * (id % 3000 - 300)"
"""A tenth of what is open is overdue, the rest is due within three weeks."""
_OPEN = "stage IN ('MQL', 'SAL', 'SQL', 'OPPORTUNITY')"
_OBLIGATION = """
    CASE stage WHEN 'MQL' THEN 'accept' WHEN 'SAL' THEN 'sales_qualify' WHEN 'SQL' THEN 'convert'
               ELSE 'close' END
"""
_EVENT = (
    "(lead_id, sequence, kind, transition, from_stage, to_stage, cycle, queue, actor, because, "
    "at, recorded_at, owner_id, kit_id)"
)

STEPS = (
    """
    INSERT INTO leads_opportunity (name, status, currency, external_id, url, created_at, closed_at,
        account_id, owner_id, competitor, partner_role, reason, sales_stage, version)
    SELECT 'Deal ' || id, CASE id % 20 WHEN 3 THEN 'OPEN' WHEN 4 THEN 'WON' ELSE 'LOST' END, '',
           '', '', created_at, CASE WHEN id % 20 > 3 THEN now() END, account_id, owner_id, '', '',
           CASE WHEN id % 20 = 5 THEN 'price' ELSE '' END, '', 1
      FROM leads_lead WHERE owner_id IS NOT NULL AND id % 20 IN (3, 4, 5)
    """,
    f"""
    INSERT INTO leads_leadevent {_EVENT}
    SELECT id, 1, 'STAGE', 'capture', '', 'INQUIRY', 1, '', 'pipeline', '{{}}', created_at,
           created_at, NULL, :kit
      FROM leads_lead
    """,
    f"""
    INSERT INTO leads_leadevent {_EVENT}
    SELECT id, 2, 'ASSIGNED', '', '', '', 1, '', 'pipeline', '{{}}', created_at, created_at,
           owner_id, :kit
      FROM leads_lead WHERE owner_id IS NOT NULL
    """,
    f"""
    INSERT INTO leads_leadevent {_EVENT}
    SELECT id, 3, 'STAGE', 'qualify', 'INQUIRY', 'MQL', 1, '', 'pipeline', '{{}}', created_at,
           created_at, NULL, :kit
      FROM leads_lead WHERE owner_id IS NOT NULL
    """,
    f"""
    INSERT INTO leads_leadevent {_EVENT}
    SELECT id, 4, 'STAGE', CASE WHEN id % 20 IN (6, 7) THEN 'reject' ELSE 'accept' END, 'MQL',
           CASE id % 20 WHEN 6 THEN 'DISQUALIFIED' WHEN 7 THEN 'NURTURE' ELSE 'SAL' END, 1, '',
           'user',
           CASE WHEN id % 20 IN (6, 7) THEN '{{"reason": "no_interest"}}' ELSE '{{}}' END::jsonb,
           {_SINCE}, {_SINCE}, NULL, :kit
      FROM leads_lead WHERE owner_id IS NOT NULL AND id % 20 > 0
    """,
    """
    INSERT INTO routing_decision (moment, facts, tried, pool, candidates, because, at, kit_id,
        lead_id, picked_id, seed, target)
    SELECT 'INBOUND', '{}', '[{"rule": "everybody"}]', 'inbound', '[]', 'Whose turn it was.',
           created_at, :kit, id, owner_id, '', ''
      FROM leads_lead WHERE owner_id IS NOT NULL
    """,
    f"""
    INSERT INTO routing_assignment (pool, started_at, ended_at, end_reason, automatic, lead_id,
        started_by_event_id, user_id)
    SELECT 'inbound', l.created_at, CASE WHEN l.id % 20 > 5 THEN l.{_SINCE} END,
           CASE WHEN l.id % 20 > 5 THEN 'rejected' ELSE '' END, true, l.id, e.id, l.owner_id
      FROM leads_lead l JOIN leads_leadevent e ON e.lead_id = l.id AND e.kind = 'ASSIGNED'
    """,
    """
    INSERT INTO lifecycle_notice (kind, words, created_at, read_at, event_id, lead_id, to_id,
        matter, mail_together)
    SELECT 'ASSIGNED', '{}', at, at, id, lead_id, owner_id, '', false
      FROM leads_leadevent WHERE kind = 'ASSIGNED' AND lead_id % 4 = 0
    """,
    f"""
    UPDATE leads_lead SET stage = {_STAGE}, entered_stage_at = {_SINCE},
           sourced_by_id = CASE WHEN id % 20 IN (3, 4, 5) THEN owner_id END,
           reason = CASE WHEN id % 20 > 4 THEN 'no_interest' ELSE '' END,
           band = (ARRAY['hot', 'warm', 'cool', 'cold'])[id % 4 + 1],
           channel = (ARRAY['FORM', 'EVENT', 'IMPORT'])[id % 3 + 1],
           next_due_at = CASE WHEN id % 20 < 4 THEN {_DUE} END,
           owner_id = CASE WHEN id % 20 < 6 THEN owner_id END
     WHERE owner_id IS NOT NULL
    """,
    """
    UPDATE leads_lead SET queue = 'inbound', route_at = now(), next_due_at = now()
     WHERE owner_id IS NULL AND stage = 'INQUIRY' AND id % 400 = 0
    """,
    """
    UPDATE leads_lead l SET opportunity_id = o.id
      FROM leads_opportunity o WHERE o.name = 'Deal ' || l.id
    """,
    f"""
    INSERT INTO sla_clock (obligation, policy, scope, calendar, cycle, state, channel, started_at,
        warn_at, due_at, breached_at, evidence, void, kit_id, lead_id, holder_id, parked_error,
        escalation, proof, tzdata, parked_times, paused_for)
    SELECT {_OBLIGATION}, {_OBLIGATION}, 'STAGE', '', 1, 'RUNNING', channel, entered_stage_at,
           next_due_at - interval '1 hour', next_due_at,
           CASE WHEN next_due_at < now() THEN next_due_at END, '', false, :kit, id, owner_id,
           '', '', '', '', 0, ''
      FROM leads_lead WHERE owner_id IS NOT NULL AND {_OPEN}
    """,
    """
    INSERT INTO sla_clock (obligation, policy, scope, calendar, cycle, state, channel, started_at,
        warn_at, due_at, stopped_at, working_seconds, evidence, void, kit_id, lead_id, holder_id,
        parked_error, escalation, proof, tzdata, parked_times, paused_for)
    SELECT 'accept', 'accept', 'STAGE', '', 1, 'STOPPED', 'FORM', a.started_at,
           a.started_at + interval '3 hours', a.started_at + interval '4 hours',
           a.started_at + interval '1 minute' * (a.id % 300), 60 * (a.id % 300), 'STAGE', false,
           :kit, a.lead_id, a.user_id, '', '', '', '', 0, ''
      FROM routing_assignment a JOIN leads_lead l ON l.id = a.lead_id AND l.stage <> 'MQL'
    """,
    """
    INSERT INTO leads_scorerecord (at, parts, kit_id, lead_id)
    SELECT created_at, '{}', :kit, id FROM leads_lead
    """,
    """
    INSERT INTO leads_touch (channel, occurred_at, received_at, payload, category, medium, campaign,
        idempotency_scope, idempotency_key, body_hash, historical, status, attempts, last_error,
        outcome, receipt, attribution, referrer_host, utm_source, partner_domain, partner_key,
        lead_id, person_id, advanced_at)
    SELECT channel, created_at, created_at, '{}', 'DIRECT', '', '', 'bench', id, '', false,
           'ADVANCED', 1, '', 'CREATED', '{}', '', '', '', '', '', id, person_id, created_at
      FROM leads_lead
    """,
)


def write() -> None:
    """Give each lead its past. Constraints and triggers are passed over, as the log demands."""
    from django.db import connection  # noqa: PLC0415 (after setup)

    from governance.models import KitVersion  # noqa: PLC0415

    kit = KitVersion.objects.get(status="ACTIVE").pk
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for step in STEPS:
            cursor.execute(step.replace(":kit", str(kit)))
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


def readers() -> dict[str, Any]:
    """One person a role, by what they are called in the table; made where they are missing."""
    from people.models import Role, Team, User  # noqa: PLC0415

    found: dict[str, Any] = {"SDR": User.objects.get(username="rep-0-0")}
    for name, role in (("newcomer", Role.SDR), ("lead-0", Role.MANAGER), ("head", Role.MANAGER),
                       ("nina", Role.MARKETING)):  # fmt: skip
        found[name] = User.objects.get_or_create(
            username=name, defaults={"email": f"{name}@bench.test", "role": role}
        )[0]
    above = Team.objects.get_or_create(name="All teams", defaults={"manager": found["head"]})[0]
    Team.objects.filter(name__startswith="Team ").update(parent=above)
    Team.objects.filter(name="Team 0").update(manager=found["lead-0"])
    return {
        "SDR": found["SDR"],
        "SDR, new": found["newcomer"],
        "manager": found["lead-0"],
        "manager of all": found["head"],
        "Marketing": found["nina"],
        "RevOps": User.objects.get(username="rita"),
    }
