"""New people who bear the name of somebody at the same company: suggested, or joined if the kit
says so.

Asked when the accounts are locked, so that of two who come at once the second sees the first.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from django.db import connection

from leads import namesakes
from leads.identity import Key, KeyKind, Use
from leads.likeness import Traits
from leads.namesakes import Namesake
from leads.recognition import Reason
from lifecycle.acquaintance import Acquaintance
from lifecycle.companies import Named
from lifecycle.identities import Claimant

NEWEST = 200
"""So many of a company's people are looked at, the newest leads first."""


class Newcomer(Claimant, Protocol):
    """What is needed of an arrival; `alike` gets who may be the same, and what they are like."""

    company: Named | None
    alike: dict[int, Traits]


def settle(
    arrivals: Sequence[Newcomer],
    *,
    fresh: Iterable[int],
    known: Acquaintance,
    locked: bool = True,
) -> None:
    """Look for each new person's name among the people of the account; one query.

    `fresh` are accounts made just now: nobody else is there. Not `locked`, nothing is written.
    """
    use = known.policy.names
    new = [one for one in arrivals if _is_new(one)]
    if use is Use.IGNORE or not new:
        return
    people = _read(new, set(fresh))
    joined: dict[int, Namesake] = {}
    for arrival in new:
        there = people[_account_of(arrival)]
        found = namesakes.decide(arrival.sender, there, use=use)
        keys = frozenset(arrival.sender.keys)
        if found is not None and found.joins:
            one = found.namesake
            joined[arrival.person_id] = one
            there.append(dataclasses.replace(one, keys=one.keys | keys))
            there.remove(one)
            continue
        if found is not None:
            arrival.alike[found.namesake.person] = _traits(found.namesake, arrival.company)
        there.append(Namesake(arrival.person_id, arrival.person_id, arrival.sender.name, keys))
    if joined:
        _join(arrivals, joined, known)
        if locked:
            _move_keys(joined)


def _is_new(arrival: Newcomer) -> bool:
    verdict = arrival.identification
    return (
        verdict is not None
        and verdict.person is None
        and arrival.company is not None
        and arrival.company.account is not None
        and namesakes.is_full(arrival.sender.name_key)
    )


def _account_of(arrival: Newcomer) -> int:
    account = arrival.company.account if arrival.company else None
    return account.pk if account else 0


def _read(new: Sequence[Newcomer], fresh: set[int]) -> dict[int, list[Namesake]]:
    """By account, who shares a word of a newcomer's name."""
    words: dict[int, set[str]] = defaultdict(set)
    for arrival in new:
        account = _account_of(arrival)
        if account not in fresh:
            words[account] |= set(arrival.sender.name_key.split())
    found: dict[int, list[Namesake]] = defaultdict(list)
    if not words:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT wanted.account, r.root, p.id, p.first_name, p.last_name, ARRAY(
                       SELECT k.kind || ' ' || k.value FROM leads_person m
                         JOIN leads_identitykey k ON k.person_id = m.id
                        WHERE m.id = r.root OR m.merged_into_id = r.root)
              FROM unnest(%s::bigint[], %s::text[]) AS wanted (account, words)
             CROSS JOIN LATERAL (SELECT l.person_id FROM leads_lead l
                                  WHERE l.account_id = wanted.account
                                  ORDER BY l.id DESC LIMIT %s) newest
              JOIN leads_person p ON p.id = newest.person_id
             CROSS JOIN LATERAL (SELECT coalesce(p.merged_into_id, p.id) AS root) r
             WHERE string_to_array(p.name_key, ' ') && string_to_array(wanted.words, ' ')
             ORDER BY wanted.account, p.id DESC
            """,
            [list(words), [" ".join(sorted(words[one])) for one in words], NEWEST],
        )
        for account, root, own, first, last, keys in cursor.fetchall():
            held = frozenset(map(_key, keys))
            found[account].append(Namesake(root, own, (first, last), held))
    return found


def _key(spelt: str) -> Key:
    kind, _, value = spelt.partition(" ")
    return Key(KeyKind(kind), value)


def _join(
    arrivals: Sequence[Newcomer], joined: Mapping[int, Namesake], known: Acquaintance
) -> None:
    """Those who were to be new are somebody known after all, and their keys hang on that one."""
    for arrival in arrivals:
        verdict = arrival.identification
        if verdict is None:
            continue
        suggested = joined.get(verdict.suggestion or 0)
        if suggested is not None:
            verdict = dataclasses.replace(verdict, suggestion=suggested.person)
        one = joined.get(arrival.person_id)
        if one is not None:
            if verdict.person is None:
                verdict = dataclasses.replace(verdict, person=one.person, reason=Reason.NAME)
            arrival.person_id, arrival.came_as = one.person, one.own
        arrival.identification = verdict
    known.rename({fresh: one.own for fresh, one in joined.items()})


def _move_keys(joined: Mapping[int, Namesake]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE leads_identitykey k SET person_id = joined.own
              FROM unnest(%s::bigint[], %s::bigint[]) AS joined (fresh, own)
             WHERE k.person_id = joined.fresh
            """,
            [list(joined), [one.own for one in joined.values()]],
        )


def _traits(one: Namesake, company: Named | None) -> Traits:
    return Traits(
        first_name=one.name[0],
        last_name=one.name[1],
        emails=frozenset(key.value for key in one.keys if key.kind is KeyKind.EMAIL),
        phones=frozenset(key.value for key in one.keys if key.kind is KeyKind.PHONE),
        company=company.name_key if company else "",
        domain=(company.domain or "") if company else "",
    )
