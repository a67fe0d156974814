"""Ways to break what must hold of clocks, scores, kits and the database's own guards."""

from __future__ import annotations

import datetime as dt

from tests.breaking import Ids, breaks, broken_by, copied, ids, one, without

RUNNING = "(SELECT max(id) FROM sla_clock WHERE state = 'RUNNING')"


def twin(clock: int, **changes: object) -> int:
    """A copy of a clock, with its starting event."""
    made = copied("sla_clock", clock, **changes)
    started = one(
        """SELECT min(id) FROM sla_clockevent
            WHERE clock_id = %(clock)s AND kind = 'STARTED'""",
        clock=clock,
    )
    event = one(
        """SELECT min(e.id) FROM leads_leadevent e JOIN sla_clock c ON c.lead_id = e.lead_id
            WHERE c.id = %(made)s""",
        made=made,
    )
    holder = {key: changes[key] for key in ("holder_id",) if key in changes}
    copied("sla_clockevent", started, clock_id=made, event_id=event, **holder)
    return made


def note_due(clock: str) -> None:
    """The last notes tell the deadline as the clock now has it."""
    ids(
        """UPDATE sla_clockevent n SET due_at = c.due_at FROM sla_clock c
            WHERE c.id = n.clock_id AND c.id = %(clock)s RETURNING n.id""",
        clock=int(clock),
    )


@breaks("clock.one_open")
def _two_open(_: dt.datetime) -> Ids:
    without("sla_clock", "one_open_clock_per_obligation")
    clock = one(f"SELECT {RUNNING}")
    return {str(clock), str(twin(clock))}


@breaks("clock.owed_by_somebody")
def _on_a_closed_lead(_: dt.datetime) -> Ids:
    lead = one("SELECT min(id) FROM leads_lead WHERE stage = 'WON'")
    clock = twin(one(f"SELECT {RUNNING}"), lead_id=lead, holder_id=None)
    ids(
        """UPDATE leads_lead SET next_due_at = (SELECT due_at FROM sla_clock WHERE id = %(clock)s)
            WHERE id = %(lead)s RETURNING id""",
        clock=clock,
        lead=lead,
    )
    return {str(clock)}


@breaks("clock.held_by_owner")
def _held_by_nobody(_: dt.datetime) -> Ids:
    found = ids(f"UPDATE sla_clock SET holder_id = NULL WHERE id = {RUNNING} RETURNING id")
    ids(
        """UPDATE sla_clockevent SET holder_id = NULL WHERE clock_id = %(clock)s RETURNING id""",
        clock=int(*found),
    )
    return found


HELD = "(SELECT max(id) FROM sla_clock WHERE state = 'RUNNING' AND holder_id IS NOT NULL)"

broken_by(
    "clock.holder_noted",
    f"UPDATE sla_clockevent SET holder_id = NULL WHERE clock_id = {HELD} RETURNING clock_id",
)
broken_by(
    "clock.due_noted",
    f"""UPDATE sla_clockevent SET due_at = due_at + interval '1 second'
         WHERE clock_id = {RUNNING} AND kind = 'STARTED' RETURNING clock_id""",
)


def _note(kind: str, **changes: object) -> Ids:
    """A further note of a running clock."""
    clock = one(f"SELECT {RUNNING}")
    started = one(f"SELECT min(id) FROM sla_clockevent WHERE clock_id = {clock}")
    copied("sla_clockevent", started, kind=kind, **changes)
    return {str(clock)}


@breaks("clock.course_has_no_gap")
def _handed_before_its_start(_: dt.datetime) -> Ids:
    return _note("HANDED", at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))


@breaks("clock.pauses_alternate")
def _pauses_and_runs(_: dt.datetime) -> Ids:
    return _note("PAUSED", cause="CUSTOMER")


broken_by(
    "clock.pinned",
    f"""WITH pin AS (INSERT INTO sla_hourspin (digest, document) VALUES ('none', '{{}}')
                     RETURNING id)
        UPDATE sla_clock c SET pin_id = pin.id FROM pin WHERE c.id = {RUNNING} RETURNING c.id""",
)


broken_by(
    "lead.next_due",
    """UPDATE leads_lead SET next_due_at = next_due_at + interval '1 second'
        WHERE id = (SELECT min(id) FROM leads_lead WHERE next_due_at IS NOT NULL) RETURNING id""",
)
broken_by(
    "lead.next_due",
    """UPDATE leads_lead SET next_due_at = %(now)s
        WHERE id = (SELECT min(id) FROM leads_lead WHERE next_due_at IS NULL) RETURNING id""",
)


def _first_note(kind: str) -> str:
    return f"(SELECT min(id) FROM sla_clockevent WHERE kind = '{kind}')"


for _key, _kind in (
    ("clock.started_once", "STARTED"),
    ("clock.ended_once", "STOPPED"),
    ("clock.ended_once", "CANCELLED"),
    ("clock.breach_told_once", "BREACHED"),
    ("clock.warning_told_once", "WARNED"),
    ("clock.void_was_undone", "VOIDED"),
    ("clock.correction_told", "CORRECTED"),
):
    broken_by(
        _key, f"DELETE FROM sla_clockevent WHERE id = {_first_note(_kind)} RETURNING clock_id"
    )


def _told_twice(kind: str, rule: str) -> Ids:
    without("sla_clockevent", "each_clock_event_once")
    without("sla_clockevent", rule)
    note = one(f"SELECT {_first_note(kind)}")
    copied("sla_clockevent", note)
    return ids("SELECT clock_id FROM sla_clockevent WHERE id = %(note)s", note=note)


@breaks("clock.breach_told_once")
def _breached_twice(_: dt.datetime) -> Ids:
    return _told_twice("BREACHED", "each_clock_event_once")


@breaks("clock.ended_once")
def _stopped_twice(_: dt.datetime) -> Ids:
    return _told_twice("STOPPED", "clock_ends_once")


@breaks("clock.breach_at_deadline")
def _stamped_when_noticed(_: dt.datetime) -> Ids:
    without("sla_clock", "breach_is_at_the_deadline")
    return ids("""UPDATE sla_clock SET breached_at = due_at + interval '3 seconds'
                   WHERE id = (SELECT min(id) FROM sla_clock WHERE breached_at IS NOT NULL)
                   RETURNING id""")


broken_by(
    "clock.breach_at_deadline",
    f"""UPDATE sla_clockevent SET at = at + interval '3 seconds'
         WHERE id = {_first_note("BREACHED")} RETURNING clock_id""",
)


@breaks("clock.late_is_breached")
def _late_without_breach(_: dt.datetime) -> Ids:
    found = ids(
        """UPDATE sla_clock SET due_at = stopped_at - interval '1 second', warn_at = started_at
            WHERE id = (SELECT min(id) FROM sla_clock
                         WHERE state = 'STOPPED' AND breached_at IS NULL
                           AND stopped_at > started_at + interval '1 minute')
            RETURNING id"""
    )
    note_due(*found)
    return found


@breaks("clock.breached_in_time")
def _overdue_unseen(now: dt.datetime) -> Ids:
    found = ids(
        """UPDATE sla_clock SET due_at = %(now)s - interval '61 seconds', warn_at = started_at,
                  event_at = NULL, started_at = %(now)s - interval '2 minutes'
            WHERE id = (SELECT min(id) FROM sla_clock
                         WHERE state = 'RUNNING' AND breached_at IS NULL)
            RETURNING id""",
        now=now,
    )
    ids(
        """UPDATE sla_clock SET warn_at = started_at WHERE id = %(clock)s RETURNING id""",
        clock=int(*found),
    )
    ids(
        """UPDATE sla_clockevent n SET at = c.started_at FROM sla_clock c
            WHERE c.id = n.clock_id AND c.id = %(clock)s AND n.kind = 'STARTED' RETURNING n.id""",
        clock=int(*found),
    )
    ids(
        """UPDATE leads_lead l SET next_due_at = c.due_at FROM sla_clock c
            WHERE c.lead_id = l.id AND c.id = %(clock)s RETURNING l.id""",
        clock=int(*found),
    )
    note_due(*found)
    return found


broken_by(
    "clock.correction_told",
    """UPDATE leads_leadevent v SET because = because || '{"at": "2026-03-01T00:00:00Z"}'
         FROM sla_clockevent n JOIN sla_clock c ON c.id = n.clock_id
        WHERE v.id = n.event_id AND n.kind = 'CORRECTED' AND c.effective_at IS NOT NULL
       RETURNING c.id""",
)
broken_by(
    "clock.stop_names_evidence",
    """UPDATE sla_clock SET evidence_id = NULL
        WHERE id = (SELECT min(id) FROM sla_clock WHERE state = 'STOPPED') RETURNING id""",
)
broken_by(
    "clock.stop_names_evidence",
    """UPDATE leads_activity a SET automatic = TRUE FROM sla_clock c
        WHERE c.id = (SELECT min(id) FROM sla_clock WHERE evidence = 'activity')
          AND a.id = c.evidence_id RETURNING c.id""",
)
broken_by(
    "clock.times",
    f"""UPDATE sla_clock SET warn_at = due_at + interval '1 second' WHERE id = {RUNNING}
         RETURNING id""",
)
broken_by(
    "clock.times",
    """UPDATE sla_clock SET working_seconds = NULL
        WHERE id = (SELECT min(id) FROM sla_clock WHERE state = 'STOPPED') RETURNING id""",
)
broken_by(
    "clock.void_was_undone",
    f"UPDATE sla_clock SET void = TRUE WHERE id = {RUNNING} RETURNING id",
)
broken_by(
    "clock.event_of_its_lead",
    """UPDATE sla_clockevent SET event_id = (SELECT max(id) FROM leads_leadevent)
        WHERE id = (SELECT min(id) FROM sla_clockevent) RETURNING clock_id""",
)
broken_by(
    "clock.policy_of_its_kit",
    """UPDATE sla_clock SET calendar = 'always'
        WHERE id = (SELECT min(id) FROM sla_clock WHERE policy = 'accept') RETURNING id""",
)

# Escalations.

LAST_TOLD = """(SELECT max(n.id) FROM sla_clockevent n JOIN sla_clock c ON c.id = n.clock_id
                 WHERE n.kind = 'ESCALATED' AND c.state = 'RUNNING')"""


@breaks("clock.level_told_once")
def _escalated_twice(_: dt.datetime) -> Ids:
    without("sla_clockevent", "each_level_once")
    note = one(f"SELECT {LAST_TOLD}")
    copied("sla_clockevent", note)
    return ids("SELECT clock_id FROM sla_clockevent WHERE id = %(note)s", note=note)


broken_by(
    "clock.escalated_after_breach",
    f"""UPDATE sla_clockevent n SET at = c.due_at - interval '1 second' FROM sla_clock c
         WHERE c.id = n.clock_id AND n.id = {_first_note("ESCALATED")} RETURNING c.id""",
)
broken_by(
    "clock.levels_in_order",
    f"""UPDATE sla_clockevent n SET at = c.due_at FROM sla_clock c
         WHERE c.id = n.clock_id AND n.id = {LAST_TOLD} RETURNING c.id""",
)
broken_by(
    "clock.level_ready",
    """UPDATE sla_clock SET escalation = 'sales', escalate_at = %(now)s + interval '1 day'
        WHERE id = (SELECT min(id) FROM sla_clock
                     WHERE state = 'RUNNING' AND breached_at IS NULL) RETURNING id""",
)


def _untold(escalate_at: dt.datetime | None) -> Ids:
    """The last level that was told is to come yet, at an instant or never."""
    return ids(
        f"""WITH untold AS (DELETE FROM sla_clockevent WHERE id = {LAST_TOLD}
                            RETURNING clock_id, event_id)
            UPDATE sla_clock c
               SET escalation = e.because->>'level', escalate_at = %(at)s::timestamptz
              FROM untold u JOIN leads_leadevent e ON e.id = u.event_id
             WHERE c.id = u.clock_id RETURNING c.id""",
        at=escalate_at,
    )


@breaks("clock.escalated_in_time")
def _forgotten(now: dt.datetime) -> Ids:
    return _untold(now - dt.timedelta(seconds=61))


@breaks("clock.level_has_time")
def _never(_: dt.datetime) -> Ids:
    return _untold(None)


@breaks("clock.escalated_to_another")
def _given_back(_: dt.datetime) -> Ids:
    note = one("""SELECT min(n.id) FROM sla_clockevent n JOIN sla_clock c ON c.id = n.clock_id
                    WHERE n.kind = 'BREACHED' AND n.holder_id IS NOT NULL
                      AND EXISTS (SELECT 1 FROM sla_clockevent e WHERE e.clock_id = c.id
                                     AND e.kind = 'ESCALATED')""")
    return ids(
        """UPDATE leads_leadevent e
              SET because = e.because || jsonb_build_object('acted', true, 'to', n.holder_id)
             FROM sla_clockevent n, sla_clockevent m
            WHERE n.id = %(note)s AND m.clock_id = n.clock_id AND m.kind = 'ESCALATED'
              AND e.id = m.event_id RETURNING n.clock_id""",
        note=note,
    )


# Scores.

broken_by(
    "lead.band",
    """UPDATE leads_lead SET band = 'hot', decays_at = NULL
        WHERE id = (SELECT min(id) FROM leads_lead l WHERE band <> 'hot'
                       AND NOT EXISTS (SELECT FROM leads_leadevent e
                                        WHERE e.lead_id = l.id AND e.kind = 'CROSSED'))
        RETURNING id""",
)
broken_by(
    "lead.band_from_log",
    """UPDATE leads_leadevent e
          SET because = jsonb_set(because, '{to_band}',
                                  CASE because->>'to_band' WHEN 'hot' THEN '"warm"' ELSE '"hot"' END
                                  ::jsonb)
        WHERE id = (SELECT max(id) FROM leads_leadevent
                     WHERE kind = 'CROSSED' AND lead_id = (SELECT min(lead_id) FROM leads_leadevent
                                                            WHERE kind = 'CROSSED'))
        RETURNING lead_id""",
)
broken_by(
    "touch.score_adds_up",
    """UPDATE leads_touch SET receipt = jsonb_set(receipt, '{score,total}', '1')
        WHERE id = (SELECT min(id) FROM leads_touch WHERE status = 'ADVANCED') RETURNING id""",
)
broken_by(
    "lead.decay_behind",
    """UPDATE leads_lead SET decays_at = %(now)s - interval '11 minutes'
        WHERE id = (SELECT min(id) FROM leads_lead) RETURNING id""",
)
broken_by(
    "lead.wake_up_behind",
    """UPDATE leads_lead SET wake_at = %(now)s - interval '2 hours'
        WHERE id = (SELECT min(id) FROM leads_lead WHERE stage = 'NURTURE') RETURNING id""",
)

# The kit and the guards.

broken_by("kit.one_active", "UPDATE governance_kitversion SET status = 'RETIRED' RETURNING 0")
broken_by(
    "kit.checksum",
    """UPDATE governance_kitversion SET document = document || '{"smuggled": 1}' RETURNING id""",
)
broken_by(
    "kit.rows",
    "UPDATE governance_clockpolicy SET minutes = 99999 WHERE key = 'accept' RETURNING kit_id",
)
broken_by("kit.rows", "DELETE FROM routing_routingrule WHERE key = 'fallback' RETURNING kit_id")
broken_by("kit.signed", "DELETE FROM governance_signature RETURNING kit_id")


@breaks("kit.publication_logged")
def _published_silently(_: dt.datetime) -> Ids:
    ids("DELETE FROM governance_kitoutbox RETURNING id")
    return ids("DELETE FROM governance_kitevent WHERE kind = 'PUBLISHED' RETURNING kit_id")


broken_by(
    "kit.publication_logged",
    """UPDATE governance_kitevent SET at = at + interval '1 second' WHERE kind = 'PUBLISHED'
        RETURNING kit_id""",
)
broken_by(
    "kit_outbox.delivered",
    """UPDATE governance_kitoutbox SET done_at = NULL, due_at = %(now)s - interval '11 minutes'
        WHERE id = (SELECT min(id) FROM governance_kitoutbox) RETURNING id""",
)
broken_by(
    "outbox.delivered",
    """UPDATE leads_outbox SET done_at = NULL, due_at = %(now)s - interval '11 minutes'
        WHERE id = (SELECT min(id) FROM leads_outbox) RETURNING id""",
)
