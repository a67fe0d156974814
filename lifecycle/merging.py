"""Two people are one, and the way back: merge, un-merge, dismiss, suggest.

A merge is an overlay. The loser keeps row and keys and is found to be the winner; of their leads
one carries on, the others rest as MERGED. Un-merging restores both as they were; what came since
goes to whoever's key it came by. Nothing is deleted, and nobody is merged by themselves here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from core import bulk, database, errors
from core.errors import FieldError
from governance import selectors as kits
from governance.kit import Kit
from leads import present, survivorship
from leads.ledger import Ledger
from leads.models import DuplicateSuggestion, Lead, Person, PersonMerge
from leads.stages import Stage
from leads.survivorship import Choice, Plan, Side
from lifecycle import buyers, gathering, joining, merge_rights, parting
from lifecycle.buyers import Buyers
from people.models import User

ACTOR = "user"
LONGEST_REASON = 200
ERASED = "Somebody of these was erased; there is nothing to compare any more."
SIDES = frozenset(side.value for side in Side)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do. `refusal` says why it cannot be done, if it cannot."""

    winner: Person
    loser: Person
    choices: tuple[Choice, ...]
    leads: tuple[Lead, ...]
    plan: Plan
    clocks: tuple[joining.Foreseen, ...] = ()
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Parted:
    """What an un-merge did: fields that keep a later edit, how many touches went, and leads."""

    merge: PersonMerge
    edited: tuple[str, ...]
    touches: int
    leads: tuple[int, ...]


@transaction.atomic
def merge(
    *,
    winner_id: int,
    loser_id: int,
    by: User,
    keep: Mapping[str, str] | None = None,
    reason: str = "",
    suggestion_id: int | None = None,
    now: dt.datetime | None = None,
) -> PersonMerge:
    """Make the loser part of the winner; `keep` says for fields whose value stays.

    Raises NotFound, NotAllowed, InvalidInput for choices that are none, and TooLate when they are
    one already, the loser was merged into somebody else, one was erased, or two open deals stand
    against it.
    """
    chosen = _choices(keep or {})
    kit = kits.active_kit()
    group = buyers.lock([winner_id, loser_id])
    winner = group.root(winner_id)
    _require_kept(group.people.values())
    merge_rights.require_merger(by, _living(group, winner, _loser(group, winner, loser_id)))
    return _join(
        group,
        PersonMerge(
            winner=winner,
            loser=group.people[loser_id],
            suggestion_id=_suggestion(suggestion_id, group, winner_id, loser_id),
            reason=reason.strip()[:LONGEST_REASON],
            by=by,
        ),
        keep=chosen,
        kit=kit,
        now=now or present.of(group.leads),
    )


@transaction.atomic
def unmerge(*, merge_id: int, by: User, now: dt.datetime | None = None) -> Parted:
    """Take a merge back. Later merges of the same buyer are taken back first and made again.

    Raises NotFound, NotAllowed, and TooLate when it was taken back already or they were erased.
    """
    kit = kits.active_kit()
    found = PersonMerge.objects.filter(pk=merge_id).first()
    if found is None:
        raise errors.NotFound(f"There is no merge {merge_id}.")
    group = buyers.lock([found.winner_id, found.loser_id])
    found.refresh_from_db()
    merge_rights.require_unmerger(by, found)
    if found.undone_at is not None:
        raise errors.TooLate("This merge was taken back already.", state={"merge": str(found.pk)})
    _require_kept(group.people.values())
    at = now or present.of(group.leads)
    standing = _standing(group)
    again = [one for one in standing if one.pk > found.pk]
    for one in reversed(again):
        _part(one, buyers.lock(group.people), by=by, kit=kit, now=at)
    done = _part(found, buyers.lock(group.people), by=by, kit=kit, now=at)
    for one in again:
        _make_again(one, by=by, kit=kit, now=at)
    return done


def _require_kept(people: Iterable[Person]) -> None:
    if any(person.erased_at is not None for person in people):
        raise errors.TooLate(ERASED)


def preview(*, winner_id: int, loser_id: int, keep: Mapping[str, str] | None = None) -> Preview:
    """What a merge of these two would do, without doing or locking anything."""
    people = Person.objects.select_related("merged_into").in_bulk([winner_id, loser_id])
    for pk in (winner_id, loser_id):
        if pk not in people:
            raise errors.NotFound(f"There is no person {pk}.")
    winner = people[winner_id].merged_into or people[winner_id]
    loser = people[loser_id].merged_into or people[loser_id]
    rows = Lead.objects.filter(person__in=[winner.pk, loser.pk]).exclude(stage=Stage.MERGED.value)
    leads = list(rows.select_related("account", "owner").order_by("pk"))
    cases = gathering.open_cases(leads)
    plan = survivorship.decide(joining.ways(list(cases.values()), loser_id=loser.pk))
    refusal = _refusal(winner, loser, plan)
    choices = _fields(winner, loser, _choices(keep or {}))
    clocks = () if refusal else joining.foresee(cases, plan)
    return Preview(winner, loser, choices, tuple(leads), plan, clocks, refusal)


def dismiss(*, suggestion_id: int, by: User, now: dt.datetime | None = None) -> bool:
    """These two are two people; says whether the suggestion was open until now."""
    return bool(dismiss_all(suggestion_ids=[suggestion_id], by=by, now=now))


@transaction.atomic
def dismiss_all(
    *, suggestion_ids: Iterable[int], by: User, now: dt.datetime | None = None
) -> list[int]:
    """These pairs are two people each; returns the suggestions that were open until now."""
    merge_rights.require_reviewer(by)
    rows = DuplicateSuggestion.objects.filter(pk__in=set(suggestion_ids)).order_by("pk")
    found = list(rows.select_for_update())
    if not found:
        raise errors.NotFound("There are no such suggestions.")
    ids = [one.pk for one in found if one.status == DuplicateSuggestion.Status.OPEN]
    _decide(ids, DuplicateSuggestion.Status.DISMISSED, by=by, now=now or database.now())
    return ids


@transaction.atomic
def reopen(*, suggestion_ids: Iterable[int], by: User) -> int:
    """Take a dismissal back; returns how many suggestions are open again."""
    merge_rights.require_reviewer(by)
    rows = DuplicateSuggestion.objects.filter(pk__in=set(suggestion_ids)).order_by("pk")
    dismissed = list(
        rows.filter(status=DuplicateSuggestion.Status.DISMISSED)
        .select_for_update()
        .values_list("pk", flat=True)
    )
    return _reopen(dismissed)


@transaction.atomic
def suggest(
    *, lead_id: int, other_id: int, by: User, now: dt.datetime | None = None
) -> DuplicateSuggestion:
    """Somebody here says that the buyers of two leads are one person; others decide.

    Raises NotFound, and TooLate when they are one already or one was erased.
    """
    merge_rights.require_suggester(by)
    people = dict(Lead.objects.filter(pk__in=[lead_id, other_id]).values_list("pk", "person_id"))
    for pk in (lead_id, other_id):
        if pk not in people:
            raise errors.NotFound(f"There is no lead {pk}.")
    rows = Person.objects.in_bulk(people.values())
    _require_kept(rows.values())
    roots = {person.pk: person.merged_into_id for person in rows.values()}
    one, other = (roots[people[pk]] or people[pk] for pk in (lead_id, other_id))
    if one == other:
        raise errors.TooLate("Both leads are of the same person already.")
    made, new = DuplicateSuggestion.objects.get_or_create(
        first_id=min(one, other),
        second_id=max(one, other),
        defaults={
            "source": DuplicateSuggestion.Source.PERSON,
            "score": 100,
            "reasons": [{"rule": "PERSON", "by": by.pk}],
            "suggested_at": now or database.now(),
        },
    )
    if not new and made.status != DuplicateSuggestion.Status.OPEN:
        _reopen([made.pk])
        made.refresh_from_db()
    return made


def _choices(keep: Mapping[str, str]) -> dict[str, str]:
    faults = [
        FieldError(f"keep.{name}", _fault(name), "unknown")
        for name, side in keep.items()
        if name not in survivorship.FIELDS or side not in SIDES
    ]
    if faults:
        raise errors.InvalidInput("Not every choice can be followed.", errors=faults)
    return dict(keep)


def _fault(name: str) -> str:
    if name in survivorship.FIELDS:
        return "Say WINNER or LOSER: whose value stays."
    return f"There is no such field; choose between {', '.join(survivorship.FIELDS)}."


def _loser(group: Buyers, winner: Person, loser_id: int) -> Person:
    loser = group.people.get(loser_id)
    if loser is None:
        raise errors.NotFound(f"There is no person {loser_id}.")
    if group.root(loser_id).pk == winner.pk:
        raise errors.TooLate("These two are one person already.", code="same_person")
    if loser.merged_into_id is not None:
        raise errors.TooLate(
            f"This person was merged into person {loser.merged_into_id}; merge that one.",
            code="merged",
            state={"merged_into": str(loser.merged_into_id)},
        )
    return loser


def _living(group: Buyers, winner: Person, loser: Person) -> list[Lead]:
    return group.living(winner.pk, loser.pk)


def _suggestion(
    suggestion_id: int | None, group: Buyers, winner_id: int, loser_id: int
) -> int | None:
    """The suggestion that is followed, if it is about these two."""
    if suggestion_id is None:
        return None
    found = DuplicateSuggestion.objects.filter(pk=suggestion_id).first()
    if found is None:
        raise errors.NotFound(f"There is no suggestion {suggestion_id}.")
    if not {found.first_id, found.second_id} <= group.people.keys():
        raise errors.TooLate("This suggestion is about others.")
    return int(found.pk)


def _fields(winner: Person, loser: Person, keep: Mapping[str, str]) -> tuple[Choice, ...]:
    values = [
        {name: getattr(person, name) for name in survivorship.FIELDS} for person in (winner, loser)
    ]
    return survivorship.fields(*values, keep=keep)


def _refusal(winner: Person, loser: Person, plan: Plan) -> str:
    if winner.pk == loser.pk:
        return "These two are one person already."
    if winner.erased_at is not None or loser.erased_at is not None:
        return ERASED
    return _clash(plan)


def _clash(plan: Plan) -> str:
    if plan.clash is None:
        return ""
    one, other = plan.clash
    return (
        f"Leads {one} and {other} each have an open opportunity at the same company. "
        "Win or lose one of them first, then merge."
    )


def _join(
    group: Buyers,
    made: PersonMerge,
    *,
    keep: Mapping[str, str],
    kit: Kit,
    now: dt.datetime,
) -> PersonMerge:
    winner, loser = group.people[made.winner_id], group.people[made.loser_id]
    cases = gathering.open_cases(_living(group, winner, loser))
    plan = survivorship.decide(joining.ways(list(cases.values()), loser_id=loser.pk))
    if plan.clash is not None:
        raise errors.TooLate(_clash(plan), code="two_open_deals")
    # Each one's behaviour is read while it is still theirs alone.
    for case in cases.values():
        case.known = case.buyer
    made.pk, made.at = bulk.reserve({PersonMerge: 1})[PersonMerge][0], now
    ledger = Ledger(kit=kit, now=now, actor=ACTOR, by_id=made.by_id, reason=f"merge {made.pk}")
    choices = _fields(winner, loser, keep)
    joining.join(
        made, winner, loser, cases=cases, plan=plan, choices=choices, buyers=group, ledger=ledger
    )
    _close_suggestions(made, group, now)
    return made


def _part(made: PersonMerge, group: Buyers, *, by: User, kit: Kit, now: dt.datetime) -> Parted:
    ledger = Ledger(kit=kit, now=now, actor=ACTOR, by_id=by.pk, reason=f"unmerge {made.pk}")
    done = parting.part(made, group, standing=_standing(group), ledger=ledger)
    made.undone_at, made.undone_by = now, by
    made.save(update_fields=["undone_at", "undone_by"])
    _reopen(made.moved.get("suggestions", []))
    touches = sum(len(one.because.get("touches", [])) for one in done.parted.values())
    return Parted(made, tuple(done.edited), touches, tuple(sorted(done.cases)))


def _make_again(made: PersonMerge, *, by: User, kit: Kit, now: dt.datetime) -> None:
    """A later merge stands on, without the one that was taken back from under it."""
    group = buyers.lock([made.winner_id, made.loser_id])
    winner = group.root(made.winner_id)
    again = PersonMerge(
        winner=winner,
        loser=group.root(made.loser_id),
        suggestion_id=made.suggestion_id,
        reason=made.reason,
        by=by,
    )
    _join(group, again, keep=made.kept, kit=kit, now=now)


def _standing(group: Buyers) -> list[PersonMerge]:
    """The merges of this buyer that stand, in the order they were made."""
    rows = PersonMerge.objects.filter(loser__in=list(group.people), undone_at__isnull=True)
    return list(rows.order_by("pk"))


def _close_suggestions(made: PersonMerge, group: Buyers, now: dt.datetime) -> None:
    """Whatever was suggested between these people is decided."""
    ids = list(group.people)
    rows = DuplicateSuggestion.objects.filter(
        Q(first__in=ids, second__in=ids), status=DuplicateSuggestion.Status.OPEN
    ).order_by("pk")
    found = list(rows.select_for_update().values_list("pk", flat=True))
    _decide(found, DuplicateSuggestion.Status.MERGED, by=made.by, now=now)
    made.moved["suggestions"] = found
    made.save(update_fields=["moved"])


def _decide(ids: Sequence[int], status: str, *, by: User | None, now: dt.datetime) -> None:
    rows = DuplicateSuggestion.objects.filter(pk__in=ids)
    rows.update(status=status, decided_at=now, decided_by=by)


def _reopen(ids: Sequence[int]) -> int:
    rows = DuplicateSuggestion.objects.filter(pk__in=ids).exclude(
        status=DuplicateSuggestion.Status.OPEN
    )
    return rows.update(status=DuplicateSuggestion.Status.OPEN, decided_at=None, decided_by=None)
