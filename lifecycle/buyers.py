"""The people that merges have made one buyer, read under lock.

Keys are locked first, as the pipeline does, so no touch of theirs is on its way meanwhile; then
leads, then people, each sorted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from core import errors
from leads.models import IdentityKey, Lead, Person, PersonMerge
from leads.stages import Stage

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Buyers:
    """Locked people by id, with those merged into them, and all their leads in order."""

    people: Mapping[int, Person]
    leads: Mapping[int, Lead]

    def root(self, person_id: int) -> Person:
        """Who this person is found to be. Raises NotFound for nobody."""
        person = self.people.get(person_id)
        if person is None:
            raise errors.NotFound(f"There is no person {person_id}.")
        return person if person.merged_into_id is None else self.people[person.merged_into_id]

    def living(self, *person_ids: int) -> list[Lead]:
        """The leads of these people that were not merged into others."""
        return [
            lead
            for lead in self.leads.values()
            if lead.person_id in person_ids and lead.stage != Stage.MERGED
        ]


def lock(person_ids: Iterable[int]) -> Buyers:
    """Lock these people, everybody merged with them, their keys and leads.

    Raises TooLate when others keep merging them meanwhile.
    """
    ids = set(person_ids)
    members = _members(ids)
    for _ in range(ROUNDS):
        before = transaction.savepoint()
        found = _lock(members)
        now_members = _members(ids)
        if now_members <= members:
            transaction.savepoint_commit(before)
            return found
        # Somebody merged them first. Let go of all, so that everything is locked in order.
        transaction.savepoint_rollback(before)
        members = now_members
    raise errors.TooLate("Others merge these people at the moment; look again and repeat it.")


def _lock(members: set[int]) -> Buyers:
    keys = IdentityKey.objects.filter(person_id__in=members).order_by("kind", "value")
    list(keys.select_for_update().values_list("pk"))
    rows = Lead.objects.filter(person_id__in=members).order_by("pk")
    leads = {lead.pk: lead for lead in rows.select_for_update(no_key=True)}
    found = Person.objects.filter(pk__in=members).order_by("pk")
    people = {person.pk: person for person in found.select_for_update(no_key=True)}
    return Buyers(people, leads)


def _members(ids: set[int]) -> set[int]:
    """These people, whom they were merged into, and all who were merged into the same."""
    known = Person.objects.filter(pk__in=ids).values_list("pk", "merged_into_id")
    roots = {root or pk for pk, root in known}
    everyone = Person.objects.filter(Q(pk__in=roots) | Q(merged_into_id__in=roots))
    return ids | set(everyone.values_list("pk", flat=True))


def part_of(loser_id: int, merges: Iterable[PersonMerge]) -> set[int]:
    """The loser and everybody who came to the winner through them, by the merges that stand."""
    direct: dict[int, list[int]] = {}
    for merge in merges:
        direct.setdefault(merge.winner_id, []).append(merge.loser_id)
    found, waiting = {loser_id}, [loser_id]
    while waiting:
        for person_id in direct.get(waiting.pop(), ()):
            if person_id not in found:
                found.add(person_id)
                waiting.append(person_id)
    return found
