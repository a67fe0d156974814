"""The search for people who are here twice: who changed is compared with who looks alike.

It reads the field history of people from where it stopped, a slice at a time, so everybody is
looked at once and again whenever their data changes. Candidates are found in the database (a name
like theirs by trigrams, the same number or desk mailbox, the same company) and judged by
`leads.likeness`. Pairs that are likely enough are suggested to people; nobody is merged.
A pair that was suggested before, whatever was said of it, is not suggested again.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import F

from core import bulk, database
from leads import identity, likeness
from leads.likeness import Likeness, Traits
from leads.models import Account, DuplicateSearch, DuplicateSuggestion, Person

log = logging.getLogger(__name__)

SLICE = 200
"""People compared at once: so many that a pass stays well below a second."""
BEHIND = dt.timedelta(minutes=2)
"""History younger than this is left for later, as its transaction may still be under way."""
ALIKE = 0.4
"""Trigram likeness from which two names are compared; `bench.duplicates` shows what it misses."""
MOST_CANDIDATES = 30
"""Of each kind, for one person: a name that everybody has tells nobody apart."""
PATIENCE_SECONDS = 20
"""How long a slice may look for like names; where that is too long, it looks for the same names."""
MOST_SUGGESTED = 5
"""The best for one person; more would bury people in look-alikes."""

_WANTED = """
    WITH wanted AS (
        SELECT id, name_key FROM leads_person
         WHERE id = ANY(%(ids)s) AND merged_into_id IS NULL AND erased_at IS NULL
    )
"""
_LIKE_NAMES = """
    SELECT w.id, c.id FROM wanted w CROSS JOIN LATERAL (
        SELECT p.id FROM leads_person p
         WHERE w.name_key <> '' AND p.name_key <> '' AND p.name_key %% w.name_key
           AND p.id <> w.id AND p.merged_into_id IS NULL AND p.erased_at IS NULL
         ORDER BY similarity(p.name_key, w.name_key) DESC, p.id DESC LIMIT %(most)s) c
"""
_SAME_NAMES = """
    SELECT w.id, c.id FROM wanted w CROSS JOIN LATERAL (
        SELECT p.id FROM leads_person p
         WHERE w.name_key <> '' AND p.name_key <> '' AND p.name_key = w.name_key
           AND p.id <> w.id AND p.merged_into_id IS NULL AND p.erased_at IS NULL
         ORDER BY p.id DESC LIMIT %(most)s) c
"""
_NEAR = """
    UNION
    SELECT w.id, c.id FROM wanted w CROSS JOIN LATERAL (
        SELECT o.person_id AS id
          FROM (SELECT kind, value FROM leads_contactpoint WHERE person_id = w.id
                UNION ALL
                SELECT kind, value FROM leads_identitykey
                 WHERE person_id = w.id AND kind IN ('PHONE', 'EMAIL')) mine
          JOIN LATERAL (
               SELECT person_id FROM leads_contactpoint
                WHERE kind = mine.kind AND value = mine.value
               UNION ALL
               SELECT person_id FROM leads_identitykey
                WHERE kind = mine.kind AND value = mine.value) o ON o.person_id <> w.id
          JOIN leads_person p ON p.id = o.person_id
           AND p.merged_into_id IS NULL AND p.erased_at IS NULL
         LIMIT %(most)s) c
    UNION
    SELECT w.id, c.id FROM wanted w CROSS JOIN LATERAL (
        SELECT theirs.person_id AS id
          FROM leads_lead mine
          JOIN leads_lead theirs
            ON theirs.account_id = mine.account_id AND theirs.person_id <> w.id
          JOIN leads_person p ON p.id = theirs.person_id
           AND p.merged_into_id IS NULL AND p.erased_at IS NULL
         WHERE mine.person_id = w.id
         ORDER BY similarity(p.name_key, w.name_key) DESC, p.id DESC LIMIT %(most)s) c
"""
CANDIDATES = _WANTED + _LIKE_NAMES + _NEAR
WITHOUT_LIKE_NAMES = _WANTED + _SAME_NAMES + _NEAR

_WITH_PATIENCE = """
    SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true),
           set_config('pg_trgm.similarity_threshold', %s, true)
"""

POINTS = """
    SELECT kind, person_id, value FROM leads_identitykey
     WHERE person_id = ANY(%(ids)s) AND kind IN ('EMAIL', 'PHONE') AND shared_at IS NULL
    UNION ALL
    SELECT c.kind, c.person_id, c.value FROM leads_contactpoint c
      LEFT JOIN leads_identitykey k ON k.kind = c.kind AND k.value = c.value
     WHERE c.person_id = ANY(%(ids)s) AND c.kind IN ('EMAIL', 'PHONE') AND k.shared_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Searched:
    """What one slice came to: people looked at, pairs compared, pairs newly suggested."""

    people: int = 0
    compared: int = 0
    suggested: int = 0

    def __add__(self, other: Searched) -> Searched:
        return Searched(
            self.people + other.people,
            self.compared + other.compared,
            self.suggested + other.suggested,
        )


def search(*, now: dt.datetime | None = None, limit: int = SLICE) -> Searched:
    """Look at the next people whose data changed; nothing when another worker is at it.

    One transaction. `Searched().people` is 0 when everybody was looked at.
    """
    with transaction.atomic():
        at = now or database.now()
        place = _place()
        if place is None:
            return Searched()
        changed = _changed(place, until=at - BEHIND, limit=limit)
        if not changed:
            return Searched()
        place.read_until, place.read_id, _ = changed[-1]
        people = sorted({person_id for *_, person_id in changed})
        done = _compare(people, now=at)
        place.searched += done.people
        place.found += done.suggested
        place.run_at = at
        place.save(update_fields=["read_until", "read_id", "searched", "found", "run_at"])
        return done


def start_over() -> None:
    """Have everybody looked at again, as after the judgement itself has changed."""
    DuplicateSearch.objects.update(read_until=dt.datetime(1970, 1, 1, tzinfo=dt.UTC), read_id=0)


def waiting(*, now: dt.datetime) -> int:
    """How many changes of people are still to be looked at; counted up to ten thousand."""
    place = DuplicateSearch.objects.first()
    rows = Person.history.filter(history_date__lt=now - BEHIND)
    if place is not None:
        rows = rows.filter(history_date__gte=place.read_until, history_id__gt=place.read_id)
    return int(rows.order_by()[:10_000].count())


def _place() -> DuplicateSearch | None:
    """The place in the history, locked; None while another worker holds it."""
    beginning = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    DuplicateSearch.objects.get_or_create(pk=1, defaults={"read_until": beginning})
    return DuplicateSearch.objects.select_for_update(skip_locked=True).first()


def _changed(
    place: DuplicateSearch, *, until: dt.datetime, limit: int
) -> list[tuple[dt.datetime, int, int]]:
    """The next rows of people's history as (instant, row, person)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT history_date, history_id, id FROM leads_historicalperson"
            " WHERE (history_date, history_id) > (%s, %s) AND history_date < %s"
            " ORDER BY history_date, history_id LIMIT %s",
            [place.read_until, place.read_id, until, limit],
        )
        return list(cursor.fetchall())


def _compare(people: Sequence[int], *, now: dt.datetime) -> Searched:
    pairs = candidates(people)
    traits = traits_of({person for pair in pairs for person in pair})
    judged = {
        pair: likeness.decide(traits[pair[0]], traits[pair[1]])
        for pair in pairs
        if pair[0] in traits and pair[1] in traits
    }
    chosen = _best(judged)
    return Searched(len(people), len(judged), _suggest(chosen, now=now))


def candidates(people: Sequence[int]) -> set[tuple[int, int]]:
    """The pairs, older person first, that are worth comparing for these people. One query.

    A second one, which asks for the same names only, when the first takes too long.
    """
    told: dict[str, Any] = {"ids": list(people), "most": MOST_CANDIDATES}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_WITH_PATIENCE, [f"{PATIENCE_SECONDS}s", str(ALIKE)])
            [(usual, *_)] = cursor.fetchall()
            cursor.execute(CANDIDATES, told)
            found = cursor.fetchall()
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [usual])
    except OperationalError as error:
        if not database.took_too_long(error):
            raise
        log.warning("Names are too much alike to compare them all; the same ones are.")
        with connection.cursor() as cursor:
            cursor.execute(WITHOUT_LIKE_NAMES, told)
            found = cursor.fetchall()
    return {(min(pair), max(pair)) for pair in found}


def traits_of(people: Iterable[int]) -> dict[int, Traits]:
    """What is known of these people, to be compared. Four queries."""
    ids = list(people)
    emails, phones = _points(ids)
    companies = _companies(ids)
    return {
        person.pk: Traits(
            first_name=person.first_name,
            last_name=person.last_name,
            emails=frozenset(emails[person.pk]),
            phones=frozenset(phones[person.pk]),
            company=companies[person.pk].name_key if person.pk in companies else "",
            domain=(companies[person.pk].domain or "") if person.pk in companies else "",
            country=person.country,
            title=person.title,
        )
        for person in Person.objects.filter(pk__in=ids)
    }


def _points(ids: Sequence[int]) -> tuple[Mapping[int, set[str]], Mapping[int, set[str]]]:
    """Addresses and numbers by person, without those of desks and those that several share.

    What many are reached by says of no two of them that they are one.
    """
    found: dict[str, defaultdict[int, set[str]]] = {
        "EMAIL": defaultdict(set), "PHONE": defaultdict(set),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(POINTS, {"ids": list(ids)})
        for kind, person_id, value in cursor.fetchall():
            if kind == "PHONE" or not identity.is_role_mailbox(value):
                found[kind][person_id].add(value)
    return found["EMAIL"], found["PHONE"]


def _companies(ids: Sequence[int]) -> dict[int, Account]:
    """The company of each person's newest lead that has one."""
    rows = Account.objects.filter(leads__person_id__in=ids).order_by("leads__pk")
    named = rows.annotate(of=F("leads__person_id")).only("name_key", "domain")
    return {account.of: account for account in named}


def _best(judged: Mapping[tuple[int, int], Likeness]) -> dict[tuple[int, int], Likeness]:
    """The likely pairs, at most a few for each person, best first."""
    taken: defaultdict[int, int] = defaultdict(int)
    chosen = {}
    ranked = sorted(judged.items(), key=lambda one: (-one[1].score, one[0]))
    for pair, found in ranked:
        if found.is_worth_a_look and all(taken[person] < MOST_SUGGESTED for person in pair):
            chosen[pair] = found
            for person in pair:
                taken[person] += 1
    return chosen


def _suggest(chosen: Mapping[tuple[int, int], Likeness], *, now: dt.datetime) -> int:
    rows = [
        DuplicateSuggestion(
            first_id=first,
            second_id=second,
            source=DuplicateSuggestion.Source.SEARCH,
            score=found.score,
            reasons=found.as_data(),
            suggested_at=now,
        )
        for (first, second), found in sorted(chosen.items())
    ]
    return len(bulk.insert_new(rows, on=["id"]))
