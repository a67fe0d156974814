"""What is known of the keys a batch speaks of and of the people who hold them, under lock.

It grows while the batch is decided: each arrival meets those before it. Kept apart from the
judgement, which sees it as a `Known`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from core import round_trip
from leads import personal_names, recognition
from leads.identity import Key, KeyKind
from leads.likeness import Traits
from leads.personal_names import FullName
from leads.recognition import Identification, Known, Policy, Sender

BEFORE = "before_keys"
"""The savepoint of a transaction before it locks keys."""

_THERE = """
    SELECT k.kind, k.value, k.person_id, k.shared_at IS NOT NULL FROM leads_identitykey k
      JOIN unnest(%s::text[], %s::text[]) AS wanted (kind, value)
        ON wanted.kind = k.kind AND wanted.value = k.value
     ORDER BY k.kind, k.value
"""
_LOCKED = f"{_THERE} FOR UPDATE OF k"

Users = dict[int, tuple[int, FullName]]
"""Who uses a value: who they are found to be, to their own row and name."""


@dataclass(slots=True)
class Acquaintance:
    """Keys, their holders, and what those are called.

    `own` says of a key whose row it hangs on, where the holder is found to be somebody else.
    `newly_shared` are values that this batch found several people to use; `aside` the names
    under which those people are known there from now on.
    """

    policy: Policy
    holders: dict[Key, int] = field(default_factory=dict)
    own: dict[Key, int] = field(default_factory=dict)
    strong_of: dict[int, set[Key]] = field(default_factory=lambda: defaultdict(set))
    names_of: dict[int, list[FullName]] = field(default_factory=lambda: defaultdict(list))
    shared: set[Key] = field(default_factory=set)
    newly_shared: set[Key] = field(default_factory=set)
    aside: dict[Key, int] = field(default_factory=dict)
    _users: dict[Key, Users] | None = None

    @classmethod
    def read(cls, keys: Sequence[Key], *, policy: Policy, locked: bool = True) -> Acquaintance:
        """Lock the keys there are, then read who holds them; two queries at most."""
        found = cls(policy)
        rows = _there(keys, locked=locked)
        found.shared = {key for key, _, shared in rows if shared}
        found._read_people({own for _, own, _ in rows}, {key: own for key, own, _ in rows})
        return found

    @property
    def known(self) -> Known:
        """The same as the judgement sees it; what is learnt later shows there, too."""
        return Known(self.holders, self.strong_of, self.names_of, self.shared)

    def meet(self, sender: Sender, verdict: Identification, *, person: int, own: int) -> None:
        """Remember what an arrival said of its person, and who uses whose values."""
        for key in verdict.claim:
            self._claim(key, person, own)
        names = self.names_of[person]
        if any(sender.name) and not any(any(one) for one in names):
            names.append(sender.name)
        for value in verdict.uses:
            self._use(value, sender.name, person=person, own=own)

    def rename(self, people: Mapping[int, int]) -> None:
        """New people who turned out to be known ones."""
        self.aside = {key: people.get(row, row) for key, row in self.aside.items()}

    def traits_of(self, person: int) -> Traits:
        """What is known of somebody from their keys and names alone."""
        first, last = next(iter(self.names_of.get(person) or ()), recognition.NOBODY)
        keys = self.strong_of.get(person, set())
        return Traits(
            first_name=first,
            last_name=last,
            emails=frozenset(key.value for key in keys if key.kind is KeyKind.EMAIL),
            phones=frozenset(
                key.value
                for key, holder in self.holders.items()
                if holder == person and key.kind is KeyKind.PHONE
            ),
        )

    def _claim(self, key: Key, person: int, own: int) -> None:
        self.holders[key], self.own[key] = person, own
        if key.kind is not KeyKind.PHONE:
            self.strong_of[person].add(key)

    def _use(self, value: Key, name: FullName, *, person: int, own: int) -> None:
        """One more uses a value of somebody else's; from so many on it names nobody."""
        limit = self.policy.shared_after.get(value.kind, 0)
        if not limit or value in self.shared or value not in self.holders:
            return
        users = self.users_of(value)
        users.setdefault(person, (own, name))
        if len(users) < limit:
            return
        self.shared.add(value)
        self.newly_shared.add(value)
        for root, (row, called) in sorted(users.items()):
            key = recognition.contact_key(value, personal_names.key(*called))
            if any(called) and key not in self.holders:
                self._claim(key, root, row)
                self.aside[key] = row

    def users_of(self, value: Key) -> Users:
        """The holder of a value and those who use it besides; asked of the database once."""
        if self._users is None:
            self._users = self._read_users()
        users = self._users[value]
        holder = self.holders[value]
        if holder not in users:
            names = self.names_of.get(holder) or [recognition.NOBODY]
            users[holder] = (self.own[value], next((one for one in names if any(one)), names[0]))
        return users

    def _read_users(self) -> dict[Key, Users]:
        found: dict[Key, Users] = defaultdict(dict)
        watched = [key for key in self.holders if key.kind in recognition.VALUES]
        for kind, value, root, row, first, last in _contacts([*set(watched) - self.shared]):
            found[Key(KeyKind(kind), value)].setdefault(root, (row, (first, last)))
        return found

    def _read_people(self, rows: Iterable[int], own: dict[Key, int]) -> None:
        root_of: dict[int, int] = {}
        for root, row, first, last, kind, value in _group(rows):
            root_of[row] = root
            name = (first, last)
            if name not in self.names_of[root]:
                self.names_of[root].append(name)
            if kind:
                self.strong_of[root].add(Key(KeyKind(kind), value))
        for key, row in own.items():
            self.holders[key], self.own[key] = root_of[row], row


def let_go() -> None:
    """Give back what was locked and claimed since the last `read`.

    Who lost a race begins anew: what is locked on top of locks that are held keeps no order.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"ROLLBACK TO SAVEPOINT {BEFORE}")


def _there(keys: Sequence[Key], *, locked: bool) -> list[tuple[Key, int, bool]]:
    wanted = [[key.kind.value for key in keys], [key.value for key in keys]]
    if locked:
        _, rows = round_trip.run([(f"SAVEPOINT {BEFORE}", []), (_LOCKED, wanted)])
    else:
        (rows,) = round_trip.run([(_THERE, wanted)])
    return [(Key(KeyKind(kind), value), person, shared) for kind, value, person, shared in rows]


def _group(rows: Iterable[int]) -> list[tuple[int, int, str, str, str | None, str]]:
    """These people and all found to be the same: who they are, row, names, and their keys.

    Asked after the keys are locked: whoever merges two people locks their keys, too.
    """
    ids = sorted(rows)
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH root AS (SELECT DISTINCT coalesce(merged_into_id, id) AS id
                            FROM leads_person WHERE id = ANY(%s)),
                 member AS (SELECT p.id AS root, p.id, p.first_name, p.last_name
                              FROM root JOIN leads_person p ON p.id = root.id
                            UNION ALL
                            SELECT root.id, p.id, p.first_name, p.last_name
                              FROM root JOIN leads_person p ON p.merged_into_id = root.id)
            SELECT m.root, m.id, m.first_name, m.last_name, k.kind, k.value
              FROM member m
              LEFT JOIN leads_identitykey k ON k.person_id = m.id AND k.kind <> 'PHONE'
             ORDER BY m.root, m.id <> m.root, m.id
            """,
            [ids],
        )
        return list(cursor.fetchall())


def _contacts(values: Sequence[Key]) -> list[tuple[str, str, int, int, str, str]]:
    """Who is reached by these values that are another's: kind, value, person, row, names."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.kind, c.value, coalesce(p.merged_into_id, p.id), p.id,
                   p.first_name, p.last_name
              FROM leads_contactpoint c
              JOIN unnest(%s::text[], %s::text[]) AS wanted (kind, value)
                ON wanted.kind = c.kind AND wanted.value = c.value
              JOIN leads_person p ON p.id = c.person_id
             ORDER BY p.id
            """,
            [[key.kind.value for key in values], [key.value for key in values]],
        )
        return list(cursor.fetchall())
