"""Ways to break what must hold of logs, owners and decisions."""

from __future__ import annotations

import datetime as dt

from tests.breaking import Ids, append_event, breaks, broken_by, copied, ids, one, without

# The log.

broken_by(
    "lead.log_gapless",
    """UPDATE leads_lead SET version = version + 1
        WHERE id = (SELECT min(id) FROM leads_lead) RETURNING id""",
)
broken_by(
    "lead.log_gapless",
    """WITH last AS (UPDATE leads_leadevent SET sequence = sequence + 1
                     WHERE id = (SELECT id FROM leads_leadevent
                                  WHERE lead_id = (SELECT min(id) FROM leads_lead)
                                  ORDER BY sequence DESC LIMIT 1) RETURNING lead_id)
       UPDATE leads_lead SET version = version + 1 WHERE id = (SELECT lead_id FROM last)
       RETURNING id""",
)
broken_by(
    "event.legal_step",
    """UPDATE leads_leadevent SET transition = 'win'
        WHERE id = (SELECT min(id) FROM leads_leadevent WHERE transition = 'sales_qualify')
        RETURNING id""",
)
broken_by(
    "event.chained",
    """UPDATE leads_leadevent SET from_stage = 'NURTURE'
        WHERE id = (SELECT min(id) FROM leads_leadevent WHERE transition = 'disqualify')
        RETURNING id""",
)
broken_by(
    "lead.stage_from_log",
    """UPDATE leads_lead SET stage = 'SAL'
        WHERE id = (SELECT min(id) FROM leads_lead WHERE stage = 'SQL') RETURNING id""",
)
broken_by(
    "lead.stage_from_log",
    """UPDATE leads_lead SET cycle = 3
        WHERE id = (SELECT min(id) FROM leads_lead WHERE cycle = 2) RETURNING id""",
)
broken_by(
    "lead.stage_from_log",
    """UPDATE leads_lead SET entered_stage_at = entered_stage_at + interval '1 second'
        WHERE id = (SELECT min(id) FROM leads_lead) RETURNING id""",
)
broken_by(
    "lead.owner_from_log",
    """UPDATE leads_leadevent e SET queue = 'inbound' FROM leads_lead l
        WHERE l.id = e.lead_id AND e.kind = 'QUEUED' AND l.queue = 'uk-nordics'
        RETURNING l.id""",
)
broken_by(
    "lead.quarantine_from_log",
    """UPDATE leads_lead SET quarantined_at = quarantined_at + interval '1 second'
        WHERE quarantined_at IS NOT NULL RETURNING id""",
)


@breaks("lead.quarantine_from_log")
def _never_left(_: dt.datetime) -> Ids:
    lead = one("SELECT id FROM leads_lead WHERE quarantined_at IS NOT NULL")
    append_event(lead, "CLEANSED")
    return {str(lead)}


broken_by(
    "event.by_owner",
    """UPDATE leads_leadevent SET by_id = (SELECT id FROM people_user WHERE username = 'mark')
        WHERE id = (SELECT min(id) FROM leads_leadevent WHERE transition = 'accept')
        RETURNING id""",
)
broken_by(
    "event.names_its_kit",
    """UPDATE leads_leadevent SET kit_id = NULL
        WHERE id = (SELECT min(id) FROM leads_leadevent WHERE actor = 'sweep') RETURNING id""",
)

# Owners and queues.

WAITING = "(SELECT min(id) FROM leads_lead WHERE queue = 'uk-nordics')"


@breaks("lead.accountable")
def _nobodys(_: dt.datetime) -> Ids:
    lead = one(f"SELECT {WAITING}")
    append_event(lead, "RELEASED")
    return ids(
        "UPDATE leads_lead SET queue = '', route_at = NULL WHERE id = %(lead)s RETURNING id",
        lead=lead,
    )


broken_by(
    "queue.answered_for",
    """UPDATE routing_pool SET manager_id = NULL WHERE key = 'uk-nordics' RETURNING key""",
)
broken_by(
    "queue.answered_for",
    """UPDATE routing_pool p SET manager_id = u.id FROM people_user u
        WHERE p.key = 'uk-nordics' AND u.username = 'ben' RETURNING p.key""",
)


@breaks("lead.has_clock")
def _without_clock(_: dt.datetime) -> Ids:
    lead = one("SELECT max(id) FROM leads_lead WHERE stage = 'MQL'")
    ids(
        """DELETE FROM sla_clockevent WHERE clock_id IN (
               SELECT id FROM sla_clock WHERE lead_id = %(lead)s AND state = 'RUNNING')""",
        lead=lead,
    )
    ids("DELETE FROM sla_clock WHERE lead_id = %(lead)s AND state = 'RUNNING'", lead=lead)
    return ids(
        "UPDATE leads_lead SET next_due_at = NULL WHERE id = %(lead)s RETURNING id", lead=lead
    )


broken_by(
    "lead.in_quarantine",
    """UPDATE leads_lead SET passed_at = quarantined_at WHERE quarantined_at IS NOT NULL
       RETURNING id""",
)


@breaks("lead.quarantine_has_clock")
def _quarantined_for_ever(_: dt.datetime) -> Ids:
    lead = one("SELECT id FROM leads_lead WHERE quarantined_at IS NOT NULL")
    clocks = "SELECT id FROM sla_clock WHERE lead_id = %(lead)s"
    ids(f"DELETE FROM sla_clockevent WHERE clock_id IN ({clocks}) RETURNING id", lead=lead)
    ids("DELETE FROM sla_clock WHERE lead_id = %(lead)s RETURNING id", lead=lead)
    return ids(
        "UPDATE leads_lead SET next_due_at = NULL WHERE id = %(lead)s RETURNING id", lead=lead
    )


broken_by(
    "lead.queue_known", f"UPDATE leads_lead SET route_at = NULL WHERE id = {WAITING} RETURNING id"
)


@breaks("lead.queue_known")
def _in_no_pool(_: dt.datetime) -> Ids:
    lead = one(f"SELECT {WAITING}")
    append_event(lead, "QUEUED", queue="nowhere")
    return ids(
        "UPDATE leads_lead SET queue = 'nowhere' WHERE id = %(lead)s RETURNING id", lead=lead
    )


broken_by(
    "lead.kept_for_member",
    f"""UPDATE leads_lead SET kept_for_id = (SELECT id FROM people_user u WHERE NOT EXISTS
            (SELECT 1 FROM routing_poolmember m WHERE m.user_id = u.id) ORDER BY id LIMIT 1)
         WHERE id = {WAITING} RETURNING id""",
)


broken_by(
    "lead.routed_in_time",
    f"""UPDATE leads_lead SET route_at = %(now)s - interval '11 minutes'
         WHERE id = {WAITING} RETURNING id""",
)
broken_by(
    "lead.owner_is_here",
    """WITH gone AS (UPDATE people_user SET is_active = false
                      WHERE id = (SELECT min(user_id) FROM routing_assignment
                                   WHERE ended_at IS NULL) RETURNING id),
            long_ago AS (UPDATE people_historicaluser
                            SET history_date = %(now)s - interval '1 day'
                          WHERE id IN (SELECT id FROM gone))
       SELECT lead_id FROM routing_assignment
        WHERE ended_at IS NULL AND user_id IN (SELECT id FROM gone)""",
)
broken_by(
    "lead.owner_is_assigned",
    # An inquiry that was answered: it has an owner, and would be free to have none.
    """UPDATE routing_assignment SET ended_at = started_at, ended_by_event_id = started_by_event_id,
              end_reason = 'answered'
        WHERE lead_id = (SELECT min(id) FROM leads_lead WHERE stage = 'INQUIRY'
                            AND hand_raised_at IS NULL AND owner_id IS NOT NULL)
        RETURNING lead_id""",
)


def assigned_again(lead: int, **changes: object) -> int:
    """One more assignment of a lead to the user of its last one, with an event of its own."""
    last = one(
        "SELECT max(id) FROM routing_assignment WHERE lead_id = %(lead)s HAVING max(id) > 0",
        lead=lead,
    )
    user = one("SELECT user_id FROM routing_assignment WHERE id = %(last)s", last=last)
    event = append_event(lead, "ASSIGNED", owner=user)
    (at,) = ids("SELECT at FROM leads_leadevent WHERE id = %(event)s", event=event)
    ended = {"ended_at": at, "ended_by_event_id": event, "end_reason": "reassigned"}
    columns = {
        "ended_at": None,
        "ended_by_event_id": None,
        "decision_id": None,
        "automatic": False,
        "started_by_event_id": event,
        "started_at": at,
        **(ended if changes.pop("ended", False) else {}),
    }
    ids(
        "UPDATE leads_lead SET owner_id = %(user)s, queue = '' WHERE id = %(lead)s RETURNING id",
        user=user,
        lead=lead,
    )
    return copied("routing_assignment", last, **columns)


@breaks("lead.one_assignment")
def _two_open(_: dt.datetime) -> Ids:
    without("routing_assignment", "one_open_assignment_per_lead")
    lead = one("SELECT max(id) FROM leads_lead WHERE stage = 'MQL'")
    assigned_again(lead)
    return {str(lead)}


@breaks("assignment.no_overlap")
def _overlap(_: dt.datetime) -> Ids:
    lead = one("""SELECT max(l.id) FROM leads_lead l JOIN leads_leadevent e ON e.lead_id = l.id
                   WHERE l.stage = 'SQL' AND e.recorded_at > l.entered_stage_at""")
    return {str(assigned_again(lead, ended=True))}


broken_by(
    "assignment.in_log",
    """UPDATE routing_assignment SET started_at = started_at - interval '1 second'
        WHERE id = (SELECT max(id) FROM routing_assignment WHERE NOT automatic) RETURNING id""",
)
broken_by(
    "lead.owner_works",
    """WITH gone AS (
           UPDATE people_user SET role = 'MARKETING'
            WHERE id = (SELECT max(user_id) FROM routing_assignment WHERE ended_at IS NULL)
           RETURNING id),
            long_ago AS (UPDATE people_historicaluser
                            SET history_date = %(now)s - interval '1 day'
                          WHERE id IN (SELECT id FROM gone))
       SELECT lead_id FROM routing_assignment JOIN gone ON gone.id = user_id
        WHERE ended_at IS NULL""",
)
broken_by(
    "assignment.says_why_it_ended",
    """UPDATE routing_assignment SET end_reason = ''
        WHERE id = (SELECT max(id) FROM routing_assignment WHERE ended_at IS NOT NULL)
       RETURNING id""",
)


broken_by(
    "assignment.goes_on",
    """UPDATE routing_assignment SET decision_id = NULL
        WHERE id = (SELECT max(a.id) FROM routing_assignment a
                      JOIN leads_leadevent s ON s.id = a.started_by_event_id
                     WHERE s.because->>'why' = 'undo' AND a.decision_id IS NOT NULL)
       RETURNING id""",
)
broken_by(
    "assignment.goes_on",
    """UPDATE leads_leadevent SET because = because || '{"resumes": 0}'
        WHERE id = (SELECT max(id) FROM leads_leadevent WHERE because ? 'resumes')
       RETURNING (SELECT id FROM routing_assignment WHERE started_by_event_id = leads_leadevent.id)
    """,
)


@breaks("assignment.alone")
def _held_while_it_waited(_: dt.datetime) -> Ids:
    leg = one("SELECT max(id) FROM routing_assignment WHERE ended_at IS NULL")
    lead = one("SELECT lead_id FROM routing_assignment WHERE id = %(leg)s", leg=leg)
    queued = append_event(lead, "QUEUED", queue="dach")
    ends = """UPDATE routing_assignment SET ended_at = e.at, ended_by_event_id = e.id,
                     end_reason = 'reassigned'
                FROM leads_leadevent e
               WHERE e.id = %(event)s AND routing_assignment.id = %(leg)s
              RETURNING routing_assignment.id"""
    ids(ends, event=queued, leg=leg)
    again = assigned_again(lead)
    event = one("SELECT started_by_event_id FROM routing_assignment WHERE id = %(id)s", id=again)
    return ids(ends, event=event, leg=leg)


broken_by(
    "lead.answered_for_throughout",
    """UPDATE leads_leadevent SET kind = 'RELEASED', queue = ''
        WHERE id = (SELECT min(e.id) FROM leads_leadevent e
                     WHERE e.kind = 'QUEUED'
                       AND NOT EXISTS (SELECT FROM routing_assignment a
                                        WHERE a.ended_by_event_id = e.id)
                       AND EXISTS (SELECT FROM leads_leadevent n
                                    WHERE n.lead_id = e.lead_id AND n.kind = 'ASSIGNED'
                                      AND n.recorded_at > e.recorded_at)
                       AND 'MQL' = (SELECT t.to_stage FROM leads_leadevent t
                                     WHERE t.lead_id = e.lead_id AND t.kind = 'STAGE'
                                       AND t.recorded_at <= e.recorded_at
                                     ORDER BY t.sequence DESC LIMIT 1))
       RETURNING lead_id""",
)
broken_by(
    "event.assigns",
    """UPDATE leads_leadevent SET kind = 'ASSIGNED', owner_id = (SELECT max(id) FROM people_user),
              queue = ''
        WHERE id = (SELECT min(e.id) FROM leads_leadevent e JOIN leads_lead l ON l.id = e.lead_id
                     WHERE e.kind = 'QUEUED' AND l.owner_id IS NOT NULL) RETURNING id""",
)


@breaks("lead.closed_is_free")
def _closed_but_held(_: dt.datetime) -> Ids:
    lead = one("SELECT min(id) FROM leads_lead WHERE stage = 'WON'")
    assigned_again(lead)
    return {str(lead)}


@breaks("lead.resting_is_free")
def _resting_but_held(_: dt.datetime) -> Ids:
    lead = one("""SELECT min(lead_id) FROM leads_leadevent
                   WHERE transition = 'return_to_nurture'""")
    assigned_again(lead)
    return {str(lead)}


broken_by(
    "lead.opportunity",
    """WITH deal AS (UPDATE leads_opportunity SET status = 'OPEN', closed_at = NULL,
                             version = version + 1
                      WHERE id = (SELECT min(id) FROM leads_opportunity WHERE status = 'WON')
                      RETURNING id, version, sales_stage, owner_id),
            step AS (INSERT INTO leads_opportunitystep (opportunity_id, sequence, kind, from_stage,
                            to_stage, owner_id, because, at, recorded_at)
                     SELECT id, version, 'REOPENED', '', sales_stage, owner_id, '{}', now(), now()
                       FROM deal)
       SELECT l.id FROM leads_lead l JOIN deal ON deal.id = l.opportunity_id""",
)

# Decisions.

FIRST_PICK = "(SELECT min(id) FROM routing_decision WHERE picked_id IS NOT NULL)"

broken_by(
    "assignment.has_decision",
    """UPDATE routing_assignment SET decision_id = NULL
        WHERE id = (SELECT min(id) FROM routing_assignment WHERE automatic) RETURNING id""",
)
broken_by(
    "assignment.has_decision",
    f"""WITH other AS (UPDATE routing_decision SET at = at + interval '1 second'
                        WHERE id = {FIRST_PICK} RETURNING id)
        SELECT a.id FROM routing_assignment a JOIN other ON other.id = a.decision_id""",
)
broken_by(
    "decision.complete",
    f"UPDATE routing_decision SET tried = '[]' WHERE id = {FIRST_PICK} RETURNING id",
)
broken_by(
    "decision.complete",
    f"UPDATE routing_decision SET snapshot_id = NULL WHERE id = {FIRST_PICK} RETURNING id",
)
broken_by(
    "decision.within_cap",
    f"""UPDATE routing_decision
           SET candidates = (SELECT jsonb_agg(one || '{{"open_leads": 4, "open_cap": 4}}')
                               FROM jsonb_array_elements(candidates) one)
         WHERE id = {FIRST_PICK} RETURNING id""",
)
broken_by(
    "decision.within_cap",
    f"""UPDATE routing_decision
           SET candidates = (SELECT jsonb_agg(
                                   one || '{{"limits": [{{"received": 5, "allowed": 5}}]}}')
                               FROM jsonb_array_elements(candidates) one)
         WHERE id = {FIRST_PICK} RETURNING id""",
)


@breaks("decision.within_cap")
def _no_candidate(_: dt.datetime) -> Ids:
    # What the pick had changed goes with its candidates, or the ledger would not add up either.
    ids(
        f"""UPDATE routing_poolmember m
               SET credit = credit + (one->>'credit_before')::int - (one->>'credit_after')::int
              FROM routing_decision d, jsonb_array_elements(d.candidates) one, routing_pool p
             WHERE d.id = {FIRST_PICK} AND p.key = d.pool AND m.pool_id = p.id
               AND m.user_id = (one->>'user')::int RETURNING m.id"""
    )
    return ids(
        f"UPDATE routing_decision SET candidates = '[]' WHERE id = {FIRST_PICK} RETURNING id"
    )
