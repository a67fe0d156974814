"""Taking an import's touchpoints out of leads that stay: behaviour, score, permission, fields.

The touchpoint stands on as WITHDRAWN and the log says so. Stage, owner and clocks stay: people
and rules have built on them. The first touchpoint of a lead named its source for good.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F, Max, Value
from django.db.models.functions import Concat

from leads import enrichment, overwriting
from leads.ledger import Ledger
from leads.models import (
    Account,
    ContactPoint,
    EventKind,
    IdentityKey,
    Lead,
    Permission,
    Person,
    Signal,
    Touch,
    TouchStatus,
)
from lifecycle import gathering, identities, referring
from lifecycle.gathering import Arrival
from lifecycle.models import ImportRow

ROW = Person | Account | Lead


def withdraw(
    touches: Sequence[Touch], leads: Sequence[Lead], *, why: Mapping[int, str], run_id: int,
    since: dt.datetime, ledger: Ledger,
) -> None:  # fmt: skip
    """Withdraw these touchpoints from these locked leads; `why` says of each why it stays.

    A fixed number of queries; the caller flushes the ledger.
    """
    ids = [touch.pk for touch in touches]
    # What came by itself stays with its buyer, who is known all the same.
    Signal.objects.filter(touch_id__in=ids, sent_as__isnull=False).update(touch=None)
    Signal.objects.filter(touch_id__in=ids).delete()
    Permission.objects.filter(touch_id__in=ids).delete()
    Touch.objects.filter(pk__in=ids).update(
        status=TouchStatus.WITHDRAWN,
        idempotency_key=Concat(Value("withdrawn:"), F("pk")),
        next_attempt_at=None,
        lease_until=None,
    )
    _rows(touches, why)
    cases = gathering.open_cases(leads)
    told = [(touch, cases[touch.lead_id]) for touch in touches if touch.lead_id]
    of_buyers: list[tuple[Touch, ROW]] = [(touch, case.buyer.person) for touch, case in told]
    of_leads: list[tuple[Touch, ROW]] = [(touch, case.lead) for touch, case in told]
    forget([*of_buyers, *of_leads], since=since, ledger=ledger)
    _free_keys(touches, [case.buyer.person for case in cases.values()], since, ledger)
    for touch in touches:
        if touch.lead_id:
            because = {"touch": touch.pk, "import": run_id}
            ledger.event(cases[touch.lead_id].lead, EventKind.WITHDRAWN, because=because)
    last = _last_touches(cases)
    for pk, case in cases.items():
        if pk in last:
            case.lead.last_touch_at = last[pk]
            ledger.change(case.lead, "last_touch_at")
        case.rescore(ledger.kit, ledger.now, ledger=ledger)


def forget(told: Sequence[tuple[Touch, ROW]], *, since: dt.datetime, ledger: Ledger) -> None:
    """Empty what these touchpoints filled and nobody changed; others that say it fill it again.

    Who came since then by these touchpoints alone, and stays as somebody works on it, keeps what is
    known. Rows are changed in memory and in the ledger. Up to three queries where something was
    filled.
    """
    filled: dict[int, tuple[ROW, set[str]]] = {}
    for touch, row in told:
        if names := _filled(touch, row, ledger):
            filled.setdefault(id(row), (row, set()))[1].update(names)
    if not filled:
        return
    others = _others([row for row, _ in filled.values()], [touch.pk for touch, _ in told])
    spoken = {id(row) for _, row in others}
    for row, names_of_row in filled.values():
        if row.created_at < since or id(row) in spoken:
            enrichment.forget(row, names_of_row, ledger=ledger)
    for touch, row in others:
        wanted = filled[id(row)][1]
        values = {n: v for n, v in _values(touch, row, ledger).items() if n in wanted}
        source = overwriting.of_touch(touch.channel, at=touch.occurred_at)
        enrichment.learn(row, values, source=source, ledger=ledger)


_SECTIONS: Mapping[type, str] = {Person: "person", Account: "company", Lead: "lead"}


def _filled(touch: Touch, row: ROW, ledger: Ledger) -> list[str]:
    """Fields whose value this touchpoint told, and which still have it."""
    source = overwriting.of_touch(touch.channel, at=touch.occurred_at).as_data()
    return [
        name
        for name, value in _values(touch, row, ledger).items()
        if row.provenance.get(name) == source
        and value not in enrichment.EMPTY
        and getattr(row, name) == value
    ]


def _values(touch: Touch, row: ROW, ledger: Ledger) -> dict[str, Any]:
    section = touch.payload.get(_SECTIONS[type(row)])
    said = section if isinstance(section, dict) else {}
    if isinstance(row, Person):
        return enrichment.person_values(said)
    if isinstance(row, Lead):
        return enrichment.lead_values(said)
    return enrichment.company_values(said, kit=ledger.kit)


def _others(rows: Iterable[ROW], gone: Sequence[int]) -> list[tuple[Touch, ROW]]:
    """The touchpoints that still count for these rows, oldest first."""
    people = {row.pk: row for row in rows if isinstance(row, Person)}
    accounts = {row.pk: row for row in rows if isinstance(row, Account)}
    leads = {row.pk: row for row in rows if isinstance(row, Lead)}
    stand = Touch.objects.filter(status=TouchStatus.ADVANCED).exclude(pk__in=gone).order_by("pk")
    found: list[tuple[Touch, ROW]] = [
        (touch, people[touch.person_id])
        for touch in (stand.filter(person_id__in=people) if people else ())
        if touch.person_id
    ]
    of_accounts = stand.filter(lead__account_id__in=accounts).annotate(at=F("lead__account_id"))
    found += [(touch, accounts[touch.at]) for touch in (of_accounts if accounts else ())]
    found += [
        (touch, leads[touch.lead_id])
        for touch in (stand.filter(lead_id__in=leads) if leads else ())
        if touch.lead_id
    ]
    return found


def _rows(touches: Sequence[Touch], why: Mapping[int, str]) -> None:
    """Each row of an import that met one of them says that its lead stays, and why."""
    by_why: dict[str, list[int]] = defaultdict(list)
    for touch in touches:
        by_why[why.get(touch.lead_id or 0, "")].append(touch.pk)
    for word, ids in by_why.items():
        rows = ImportRow.objects.filter(touch_id__in=ids)
        rows.update(undone=ImportRow.Undone.STAYS, stays=word)


def _free_keys(
    touches: Sequence[Touch], known: Iterable[Person], since: dt.datetime, ledger: Ledger
) -> None:
    """Keys and contact points that nobody else's words and no other touchpoint gave a person.

    Who came since then by these touchpoints alone keeps them, as the fields.
    """
    policy = identities.policy_of(ledger.kit)
    people = {touch.came_as_id or touch.person_id or 0 for touch in touches} - {0}
    if not people:
        return
    stand = Touch.objects.filter(status=TouchStatus.ADVANCED)
    others = [*stand.filter(person_id__in=people), *stand.filter(came_as_id__in=people)]
    kept: set[tuple[int, str, str]] = set()
    for touch in others:
        kept |= _said(touch, policy)
    older = Person.objects.filter(pk__in=people, created_at__lt=since)
    people &= {*older.values_list("pk", flat=True), *(one.came_as_id or one.person_id or 0
                                                      for one in others)}  # fmt: skip
    for person in known:
        kept |= {(person.pk, "EMAIL", person.email), (person.pk, "PHONE", person.phone)}
    gone = {one for touch in touches for one in _said(touch, policy)} - kept
    referring.forget(touches, others, since=since)
    for model in (IdentityKey, ContactPoint):
        rows = model._default_manager.filter(person_id__in=people)
        lost = [
            pk for pk, *key in rows.values_list("pk", "person_id", "kind", "value")
            if tuple(key) in gone
        ]  # fmt: skip
        model._default_manager.filter(pk__in=lost).delete()


def _said(touch: Touch, policy: Any) -> set[tuple[int, str, str]]:
    person = touch.came_as_id or touch.person_id or 0
    sender = gathering.sender_of(Arrival(touch), policy)
    keys = {*sender.keys, *sender.candidates}
    return {(person, key.kind.value, key.value) for key in keys}


def _last_touches(cases: Iterable[int]) -> dict[int, Any]:
    stand = Touch.objects.filter(lead_id__in=list(cases), status=TouchStatus.ADVANCED)
    return dict(stand.order_by().values_list("lead_id").annotate(Max("occurred_at")))
