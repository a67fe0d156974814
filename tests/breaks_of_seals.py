"""Ways to break what was sealed. Every day that is over is sealed first."""

from __future__ import annotations

import datetime as dt

from lifecycle.sealing import days
from tests.breaking import Ids, breaks, copied, ids, one

LAST = "(SELECT max(day) FROM leads_seal)"
SEALED = "(SELECT max(last_id) FROM leads_sealpage WHERE rows = '{}')"


def _sealed(now: dt.datetime) -> None:
    days.make_due(now=now)


def _away(now: dt.datetime) -> int:
    """A record of something removed, of the day before yesterday."""
    return one(
        """INSERT INTO leads_sealedaway (rows, row_id, lead_id, reason, note, recorded_at)
           VALUES ('EVENT', 0, 0, 'REMOVED', 'import 1', %(then)s) RETURNING id""",
        then=now - dt.timedelta(days=2),
    )


@breaks("seal.chained")
def _another_digest(now: dt.datetime) -> Ids:
    _sealed(now)
    return ids(f"UPDATE leads_seal SET digest = repeat('0', 64) WHERE day = {LAST} RETURNING day")


@breaks("seal.in_time")
def _a_day_is_left_out(now: dt.datetime) -> Ids:
    days.make_due(now=now - dt.timedelta(days=1))
    return {str(days.last_due(now))}


@breaks("event.as_sealed")
def _an_edited_event(now: dt.datetime) -> Ids:
    _sealed(now)
    return ids(f"""UPDATE leads_leadevent SET because = because || '{{"x": 1}}'
                    WHERE id = {SEALED.format("EVENT")} RETURNING id""")


@breaks("event.dated_truly")
def _an_event_of_before(now: dt.datetime) -> Ids:
    lead = one("SELECT min(id) FROM leads_lead")
    event = one("SELECT max(id) FROM leads_leadevent WHERE lead_id = %(lead)s", lead=lead)
    _sealed(now)
    then = now - dt.timedelta(days=5)
    ids("UPDATE leads_lead SET version = version + 1 WHERE id = %(lead)s RETURNING id", lead=lead)
    sequence = one("SELECT version FROM leads_lead WHERE id = %(lead)s", lead=lead)
    return {
        str(
            copied(
                "leads_leadevent", event, kind="EDITED", transition="", from_stage="",
                to_stage="", sequence=sequence, owner_id=None, recorded_at=then,
            )
        )
    }  # fmt: skip


@breaks("clock_event.as_sealed")
def _an_edited_clock_event(now: dt.datetime) -> Ids:
    _sealed(now)
    return ids(f"""UPDATE sla_clockevent SET recorded_at = recorded_at + interval '1 microsecond'
                    WHERE id = {SEALED.format("CLOCK")} RETURNING id""")


@breaks("clock_event.dated_truly")
def _a_clock_event_nobody_sealed(now: dt.datetime) -> Ids:
    _sealed(now)
    return ids("""INSERT INTO sla_clockevent
                      (clock_id, kind, at, recorded_at, event_id, cause, level)
                  SELECT clock_id, 'JOINED', at, recorded_at, event_id, '', ''
                    FROM sla_clockevent WHERE kind = 'STARTED' ORDER BY id LIMIT 1 RETURNING id""")


@breaks("sealed_away.as_sealed")
def _an_edited_record(now: dt.datetime) -> Ids:
    record = _away(now)
    _sealed(now)
    return ids(f"UPDATE leads_sealedaway SET note = 'x' WHERE id = {record} RETURNING id")


@breaks("sealed_away.dated_truly")
def _a_record_of_before(now: dt.datetime) -> Ids:
    _sealed(now)
    return {str(_away(now))}
