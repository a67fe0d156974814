"""Open leads of people who have left, or work none any more, go to somebody who does.

Whoever is made inactive or gets another role, by whatever way, holds leads that nobody works. Each
pass finds them by their open assignments: what Sales has not accepted yet is routed anew, what
somebody has worked on goes to the manager of their team, who knows best to whom, and to the rules
where there is none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import connection, transaction

from core import database, isolation
from governance import selectors as kits
from leads import present
from leads.ledger import Ledger
from leads.models import Lead, LeadEvent
from leads.stages import Stage
from lifecycle import causes, gathering, ownership
from lifecycle.case import Case
from lifecycle.handing_rows import told_of
from lifecycle.models import HandedLead, Reassignment
from people import holders, roles
from people.models import User

LEFT = causes.LEFT
"""Why somebody holds a lead no more who is not there any more."""
PARKED_FOR = dt.timedelta(minutes=10)
SAME_ACT = dt.timedelta(hours=1)
"""What is handed on of one leaver within it stands together."""
WORKED = frozenset({Stage.SAL, Stage.SQL, Stage.OPPORTUNITY})

_HELD = f"""
    SELECT a.lead_id FROM routing_assignment a
      JOIN people_user u ON u.id = a.user_id AND NOT (u.is_active AND {roles.sql("u", "%s")})
      JOIN leads_lead l ON l.id = a.lead_id
     WHERE a.ended_at IS NULL AND (l.route_at IS NULL OR l.route_at <= %s)
     ORDER BY l.next_due_at NULLS LAST, l.id LIMIT %s
"""  # noqa: S608 - a fragment of ours


def hand_on(*, now: dt.datetime | None = None, limit: int = 200) -> int:
    """One pass: up to `limit` leads, those due first; returns how many were handed on.

    A lead that fails is left alone for ten minutes; the others go on.
    """
    kits.active_kit()  # raises while there is none: then nobody holds a lead
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [list(holders.ROLES), now or database.now(), limit])
        ids = [lead_id for (lead_id,) in cursor.fetchall()]
    return sum(isolation.together_or_alone(ids, lambda some: _hand_on(some, now), park=_park))


@transaction.atomic
def _hand_on(ids: Sequence[int], now: dt.datetime | None) -> int:
    kit = kits.active_kit()
    theirs = Lead.objects.filter(pk__in=ids, owner__isnull=False)
    rows = theirs.exclude(owner__in=holders.everybody()).order_by("pk")
    leads = list(rows.select_for_update(skip_locked=True, no_key=True, of=("self",)))
    if not leads:
        return 0
    ledger = Ledger(kit=kit, now=now or present.of(ids), actor="leavers")
    managers = _managers({lead.owner_id for lead in leads if lead.owner_id})
    place = {pk: index for index, pk in enumerate(ids)}
    cases = sorted(gathering.open_cases(leads).values(), key=lambda one: place[one.lead.pk])
    events: dict[int, LeadEvent | None] = {}
    routed: list[Case] = []
    lines = [told_of(case.lead, None) for case in cases]
    for case in cases:
        manager = managers.get(case.lead.owner_id or 0)
        if case.lead.stage in WORKED and manager is not None:
            events[case.lead.pk] = ownership.hand_to(case, manager, ledger=ledger, why=LEFT)
        else:
            routed.append(case)
    anew = ownership.again(routed, why=LEFT, again=LEFT)
    for given in ownership.route(routed, ledger=ledger, again=anew):
        events[given.asked.case.lead.pk] = given.event
    _keep(lines, cases, events, ledger)
    ledger.flush()
    return len(leads)


def _keep(
    lines: Sequence[HandedLead],
    cases: Sequence[Case],
    events: Mapping[int, LeadEvent | None],
    ledger: Ledger,
) -> None:
    """Keep where the leads of each leaver went, for people to look through and undo."""
    acts = _acts({line.from_user_id for line in lines if line.from_user_id}, ledger.now)
    for case, line in zip(cases, lines, strict=True):
        if line.from_user_id is None or events.get(case.lead.pk) is None:
            continue
        line.act, line.event = acts[line.from_user_id], events[case.lead.pk]
        line.to_user_id, line.to_queue = case.lead.owner_id, case.lead.queue
        ledger.add(line)
        line.act.total += 1
        line.act.done += 1
        ledger.change(line.act, "total", "done")


def _acts(leavers: set[int], now: dt.datetime) -> dict[int, Reassignment]:
    """The act of each leaver: the one of just now, else a new one."""
    lately = Reassignment.objects.filter(
        leaver__in=leavers, requested_at__gt=now - SAME_ACT, requested_at__lte=now
    )
    found = {
        row.leaver_id: row
        for row in lately.filter(undone_by__isnull=True).order_by("pk")
        if row.leaver_id is not None
    }
    missing = [
        Reassignment(
            way=Reassignment.Way.LEFT,
            leaver_id=user,
            state=Reassignment.State.DONE,
            requested_at=now,
            finished_at=now,
        )
        for user in sorted(leavers - found.keys())
    ]
    Reassignment.objects.bulk_create(missing)
    return found | {row.leaver_id: row for row in missing if row.leaver_id is not None}


def _managers(users: set[int]) -> dict[int, int]:
    """Who leads the team of each, where they are there themselves and work leads."""
    rows = User.objects.filter(pk__in=users, team__manager__in=holders.everybody())
    return dict(rows.exclude(team__manager__in=users).values_list("pk", "team__manager"))


def _park(lead_id: int, error: Exception) -> None:
    Lead.objects.filter(pk=lead_id).update(route_at=database.now() + PARKED_FOR)
