"""What reports are counted from, beside the past of `bench._past`: sides, contacts, outcomes.

Leads get ten sources, six channels, three hundred campaigns (few of them with most of the leads),
sizes of companies; those who were given to somebody are contacted, answered in time or late, and
part of them goes on to SQL, opportunity, win or loss; some decisions of the rules are overridden.
"""

from __future__ import annotations

KNOWN = "SELECT 1 FROM leads_activity LIMIT 1"
"""Whether it was written already."""

_H = "(l.id * 7919 % 1000)"
"""A number below a thousand that a lead keeps."""
_CAMPAIGN = (
    f"CASE WHEN l.id % 2 = 0 THEN 'campaign-' || floor(300 * power({_H} / 1000.0, 2)) ELSE '' END"
)
_SOURCE = f"""
    (ARRAY['PAID', 'PAID', 'ORGANIC', 'ORGANIC', 'REFERRAL', 'SELF_SERVE', 'EVENT',
           'CONTENT_SYNDICATION', 'PARTNER', 'DIRECT', 'UNKNOWN'])[{_H} % 11 + 1]
"""
_CHANNEL = f"""
    (ARRAY['FORM', 'FORM', 'INBOUND_EMAIL', 'EVENT', 'PARTNER', 'CHAT', 'IMPORT'])[{_H} % 7 + 1]
"""
_MEDIUM = "(ARRAY['cpc', 'organic', 'email', 'social', 'referral', ''])[t.id % 6 + 1]"
_ASKED = "l.created_at + interval '1 minute'"
_CONTACT = "l.created_at + interval '1 second' * (60 + l.id * 31 % 40000)"
_HELD = """
    FROM leads_lead l JOIN routing_assignment a ON a.lead_id = l.id
    JOIN leads_leadevent e ON e.id = a.started_by_event_id
"""
_STEP = "INSERT INTO leads_leadevent (lead_id, sequence, kind, transition, from_stage, to_stage, "
_STEP += "cycle, queue, actor, because, at, recorded_at, by_id, kit_id)"


def _step(sequence: int, way: str, stages: tuple[str, str], days: str, where: str) -> str:
    """A step that some leads took so many days after they came in, where that is past."""
    at = f"l.created_at + interval '1 day' * ({days})"
    return f"""
    {_STEP}
    SELECT l.id, {sequence}, 'STAGE', '{way}', '{stages[0]}', '{stages[1]}', 1, '', 'user', '{{}}',
           {at}, {at}, a.user_id, :kit {_HELD} WHERE {where} AND {at} < now()
    """


_WON, _LOST = "20 + l.id * 13 % 80", "15 + l.id * 17 % 60"

STEPS = (
    f"""
    UPDATE leads_lead l
       SET category = {_SOURCE}, channel = {_CHANNEL}, campaign = {_CAMPAIGN}
    """,
    f"""
    UPDATE leads_touch t SET medium = {_MEDIUM}, category = l.category, channel = l.channel,
           campaign = l.campaign
      FROM leads_lead l WHERE l.id = t.lead_id
    """,
    """
    UPDATE leads_account SET employees = (ARRAY[5, 30, 120, 400, 800, 3000, NULL])[id % 7 + 1]
    """,
    _step(5, "sales_qualify", ("SAL", "SQL"), "5 + l.id % 9", "l.id % 20 IN (2, 3, 4, 5)"),
    _step(6, "convert", ("SQL", "OPPORTUNITY"), "14 + l.id % 5", "l.id % 20 IN (3, 4, 5)"),
    _step(7, "win", ("OPPORTUNITY", "WON"), _WON, "l.id % 20 = 4"),
    _step(7, "lose", ("OPPORTUNITY", "LOST"), _LOST, "l.id % 20 = 5"),
    _step(5, "return_to_nurture", ("SAL", "NURTURE"), "3 + l.id % 40", "l.id % 20 > 7"),
    f"""
    UPDATE leads_opportunity o
       SET created_at = l.created_at + interval '14 days',
           closed_at = CASE WHEN o.status <> 'OPEN' THEN least(now(), CASE o.status
               WHEN 'WON' THEN l.created_at + interval '1 day' * ({_WON})
               WHEN 'LOST' THEN l.created_at + interval '1 day' * ({_LOST}) END) END,
           amount = 1000 + l.id % 90 * 500, amount_base = 1000 + l.id % 90 * 500, currency = 'EUR',
           rate = 1, rate_date = l.created_at::date
      FROM leads_lead l WHERE l.opportunity_id = o.id
    """,
    f"""
    INSERT INTO leads_activity (lead_id, kind, direction, outcome, at, recorded_at, by_id, note,
        source, external_id, verified, automatic)
    SELECT l.id, 'CALL', 'OUTBOUND', 'COMPLETED', {_CONTACT}, {_CONTACT}, a.user_id, '', '', '',
           l.id % 4 = 0, false {_HELD} WHERE l.id % 20 > 0
    """,
    """
    INSERT INTO leads_leadevent (lead_id, sequence, kind, transition, from_stage, to_stage, cycle,
        queue, actor, because, at, recorded_at, by_id, kit_id)
    SELECT lead_id, 8, 'ACTIVITY', '', '', '', 1, '', 'user', jsonb_build_object('activity', id),
           at, recorded_at, by_id, :kit FROM leads_activity
    """,
    f"""
    INSERT INTO sla_clock (obligation, policy, scope, calendar, cycle, state, channel, started_at,
        event_at, received_at, warn_at, due_at, stopped_at, working_seconds, evidence, evidence_id,
        proof, void, kit_id, lead_id, holder_id, stopped_by_id, parked_error, escalation, tzdata,
        parked_times, paused_for)
    SELECT 'first_contact', 'first_contact.form', 'STAGE', 'office_hours', 1, 'STOPPED', l.channel,
           {_ASKED}, l.created_at, l.created_at, {_ASKED} + interval '3 hours',
           {_ASKED} + interval '4 hours', greatest(c.at, {_ASKED}), l.id * 31 % 20000, 'ACTIVITY',
           c.id, CASE WHEN c.verified THEN 'VERIFIED' ELSE 'SELF' END, false, :kit, l.id, a.user_id,
           a.user_id, '', '', '', 0, ''
           {_HELD} JOIN leads_activity c ON c.lead_id = l.id
    """,
    """
    INSERT INTO sla_clockevent (clock_id, kind, at, recorded_at, event_id, holder_id, due_at, cause,
        level)
    SELECT c.id, 'STARTED', c.started_at, c.started_at, e.id, c.holder_id, c.due_at, '', ''
      FROM sla_clock c JOIN leads_leadevent e ON e.lead_id = c.lead_id
       AND e.sequence = CASE WHEN c.obligation = 'first_contact' THEN 2 ELSE 3 END
    """,
    """
    INSERT INTO sla_clockevent (clock_id, kind, at, recorded_at, event_id, holder_id, due_at, cause,
        level)
    SELECT c.id, 'STOPPED', c.stopped_at, c.stopped_at, e.id, c.holder_id, c.due_at, '', ''
      FROM sla_clock c JOIN leads_leadevent e ON e.lead_id = c.lead_id AND e.sequence = 8
     WHERE c.obligation = 'first_contact'
    """,
    """
    INSERT INTO routing_override (lead_id, decision_id, kind, why, from_user_id, by_id, at)
    SELECT lead_id, id, (ARRAY['MISROUTED', 'REASSIGNED', 'HANDED_OVER'])[id % 3 + 1],
           (ARRAY['TERRITORY', 'SEGMENT', 'LOAD', 'OTHER'])[id % 4 + 1], picked_id, picked_id,
           at + interval '1 hour'
      FROM routing_decision WHERE id % 25 = 0
    """,
    """
    UPDATE leads_scorerecord SET parts = jsonb_build_object('bench', jsonb_build_object(
        'category', 'FIT', 'value', lead_id % 97, 'at', at))
    """,
)


def write() -> bool:
    """Let leads come from somewhere and go on, unless they do; returns whether that was written.

    Triggers are passed over, as `_past` does.
    """
    from django.db import connection  # noqa: PLC0415 (after setup)

    from governance.models import KitVersion  # noqa: PLC0415

    kit = KitVersion.objects.get(status="ACTIVE").pk
    with connection.cursor() as cursor:
        cursor.execute(KNOWN)
        if cursor.fetchone():
            return False
        cursor.execute("SET session_replication_role = replica")
        for step in STEPS:
            cursor.execute(step.replace(":kit", str(kit)))
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
    return True
