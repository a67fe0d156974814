"""Two people side by side: every field with whose value stays, and what a merge would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from django.db.models import Q
from django.urls import reverse

from core import errors, reading
from core.texts import _, lazy
from leads import survivorship
from leads.models import ContactPoint, DuplicateSuggestion, IdentityKey, Lead, Person, Touch
from leads.stages import Stage
from leads.survivorship import Choice, Side
from lifecycle import merge_rights, merging
from lifecycle.merging import Preview
from people.models import User
from web.console import duplicate_list, likeness_words, merge_words, words
from web.console.merge_words import told_apart

LABELS = {
    "first_name": lazy("First name"),
    "last_name": lazy("Last name"),
    "title": lazy("Job title"),
    "email": lazy("E-mail"),
    "phone": lazy("Phone"),
    "country": lazy("Country"),
}
TOUCHES = 5


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of both; `left` and `right` in the order of the columns."""

    name: str
    label: str
    left: str
    right: str
    left_side: str
    right_side: str
    left_kept: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class LeadLine:
    """One lead in a line."""

    id: int
    stage: str
    company: str
    owner: str
    due_at: datetime | None
    joins: int | None


@dataclass(frozen=True, slots=True)
class Column:
    """One of the two."""

    person: int
    name: str
    since: str
    is_winner: bool
    leads: tuple[LeadLine, ...]
    reached: tuple[str, ...]
    touches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DuplicatePage:
    """Everything the page shows."""

    id: int
    title: str
    score: int
    reasons: str
    source: str
    state: str
    columns: tuple[Column, Column]
    fields: tuple[FieldRow, ...]
    happens: tuple[str, ...]
    refusal: str
    winner: int
    loser: int
    reason: str
    may_merge: bool
    may_dismiss: bool
    may_reopen: bool


def seen(suggestion_id: int, reader: User) -> DuplicateSuggestion:
    """The suggestion, for those who may decide on it. Raises NotFound and NotAllowed."""
    beside = ("first__merged_into", "second__merged_into", "decided_by")
    one = DuplicateSuggestion.objects.select_related(*beside).filter(pk=suggestion_id).first()
    if one is None:
        raise errors.NotFound(_("There is no such suggestion."))
    if not merge_rights.may_look(reader):
        roots = [(person.merged_into or person).pk for person in (one.first, one.second)]
        leads = list(Lead.objects.filter(person__in=roots).exclude(stage=Stage.MERGED.value))
        if not merge_rights.sees(reader, leads):
            raise errors.NotFound(_("There is no such suggestion."))
        merge_rights.require_merger(reader, leads)
    return one


def carries_on(one: DuplicateSuggestion) -> str:
    """The page of the lead of both, where they are one person already; else nothing."""
    first, second = _roots(one)
    if first.pk != second.pk:
        return ""
    lead = duplicate_list.leads_of([first.pk]).get(first.pk)
    return reverse("console:lead", args=[lead.pk]) if lead else reverse("console:duplicates")


def build(
    one: DuplicateSuggestion, query: Mapping[str, str], *, reader: User, now: datetime, zone: tzinfo
) -> DuplicatePage:
    """The page; `winner` of the address says who is the main record. A fixed number of queries.

    `turn` of a form makes another one the main record; whose value was chosen against the rule
    stays chosen, and so does the reason.
    """
    roots = _roots(one)
    chosen = {}
    if query.get("turn"):
        chosen = _against_the_rule(roots, query)
    winner, loser = _turned(roots, query.get("turn") or query.get("winner", ""))
    preview = merging.preview(winner_id=winner.pk, loser_id=loser.pk)
    choices = [replace(row, keep=chosen.get(row.name, row.keep)) for row in preview.choices]
    left, right = roots
    reached, touches = _reached(roots), _touches(roots, now)
    is_open = one.status == DuplicateSuggestion.Status.OPEN
    columns = [
        Column(
            person=person.pk,
            name=person.name,
            since=words.ago(person.created_at, now=now),
            is_winner=person.pk == winner.pk,
            leads=tuple(_line(lead, preview) for lead in preview.leads if _is_of(lead, person)),
            reached=tuple(reached.get(person.pk, ())),
            touches=tuple(touches.get(person.pk, ())),
        )
        for person in roots
    ]
    return DuplicatePage(
        id=one.pk,
        title=_("{name} and {name2}").format(name=left.name, name2=right.name),
        score=one.score,
        reasons=likeness_words.speak(one.reasons),
        source=one.get_source_display(),
        state="" if is_open else _state(one, now),
        columns=(columns[0], columns[1]),
        fields=tuple(_field(choice, turned=winner.pk != left.pk) for choice in choices),
        happens=merge_words.sentences(preview, now=now, zone=zone),
        refusal=preview.refusal,
        winner=winner.pk,
        loser=loser.pk,
        reason=query.get("reason", ""),
        may_merge=is_open and not preview.refusal and merge_rights.may_merge(reader, preview.leads),
        may_dismiss=is_open and merge_rights.may_review(reader),
        may_reopen=one.status == DuplicateSuggestion.Status.DISMISSED
        and merge_rights.may_review(reader),
    )


def merge(one: DuplicateSuggestion, data: Mapping[str, str], *, by: User) -> tuple[str, str]:
    """Merge as the form says; what was done in words, and the address that takes it back."""
    roots = _roots(one)
    winner, loser = _turned(roots, data.get("winner", ""))
    keep = {name: data[f"keep_{name}"] for name in survivorship.FIELDS if data.get(f"keep_{name}")}
    made = merging.merge(
        winner_id=winner.pk,
        loser_id=loser.pk,
        by=by,
        keep=keep,
        reason=data.get("reason", ""),
        suggestion_id=one.pk,
    )
    said = _("{told_apart} is part of {told_apart2} now.").format(
        told_apart=told_apart(loser, winner), told_apart2=told_apart(winner, loser)
    )
    return said, reverse("console:merge-undo", args=[made.pk])


def _roots(one: DuplicateSuggestion) -> list[Person]:
    """Who the two are found to be."""
    return [person.merged_into or person for person in (one.first, one.second)]


def _against_the_rule(roots: Sequence[Person], form: Mapping[str, str]) -> dict[str, Side]:
    """The fields in which the form chooses the other one's value, as they read once turned."""
    winner, loser = _turned(roots, form.get("winner", ""))
    before = merging.preview(winner_id=winner.pk, loser_id=loser.pk).choices
    turned = {Side.WINNER.value: Side.LOSER, Side.LOSER.value: Side.WINNER}
    given = {row.name: form.get(f"keep_{row.name}", "") for row in before}
    return {
        row.name: turned[given[row.name]]
        for row in before
        if given[row.name] in turned and given[row.name] != row.keep.value
    }


def _turned(roots: Sequence[Person], winner: str) -> tuple[Person, Person]:
    """Who stays and who becomes part: the older row stays unless the reader turned them."""
    first, second = roots
    return (second, first) if winner == str(second.pk) else (first, second)


def _state(one: DuplicateSuggestion, now: datetime) -> str:
    by = _(" by {decided_by}").format(decided_by=one.decided_by) if one.decided_by else ""
    at = words.ago(one.decided_at, now=now) if one.decided_at else ""
    return _("Decided: {get_status_display}, {at}{by}.").format(
        get_status_display=one.get_status_display().lower(), at=at, by=by
    )


def _is_of(lead: Lead, person: Person) -> bool:
    return bool(lead.person_id == person.pk)


def _line(lead: Lead, preview: Preview) -> LeadLine:
    account = lead.account
    return LeadLine(
        id=lead.pk,
        stage=lead.stage,
        company=(account.name or account.domain or "") if account else "",
        owner=str(lead.owner) if lead.owner else "",
        due_at=lead.next_due_at,
        joins=preview.plan.joins.get(lead.pk),
    )


def _field(choice: Choice, *, turned: bool) -> FieldRow:
    sides = (Side.LOSER, Side.WINNER) if turned else (Side.WINNER, Side.LOSER)
    values = {Side.WINNER: choice.winner, Side.LOSER: choice.loser}
    return FieldRow(
        name=choice.name,
        label=LABELS[choice.name],
        left=values[sides[0]],
        right=values[sides[1]],
        left_side=sides[0].value,
        right_side=sides[1].value,
        left_kept=choice.keep is sides[0],
        is_open=choice.is_open,
    )


def _reached(roots: Sequence[Person]) -> dict[int, list[str]]:
    """Addresses and numbers of each, those of people merged into them as well. One message."""
    ids = [person.pk for person in roots]
    whose = Q(person__in=ids) | Q(person__merged_into__in=ids)
    kinds = (IdentityKey.Kind.EMAIL, IdentityKey.Kind.PHONE)
    found: dict[int, list[str]] = {}
    keys, points = (
        rows.filter(whose)
        .order_by("kind", "value")
        .values_list("value", "person_id", "person__merged_into_id")
        for rows in (IdentityKey.objects.filter(kind__in=kinds), ContactPoint.objects.all())
    )
    reading.ask(keys, points)
    for value, person, root in (*keys, *points):
        known = found.setdefault(root or person, [])
        if value not in known:
            known.append(value)
    return found


def _touches(roots: Sequence[Person], now: datetime) -> dict[int, list[str]]:
    latest = Touch.objects.order_by("-occurred_at", "-pk")
    asked = {person.pk: latest.filter(person=person)[:TOUCHES] for person in roots}
    reading.ask(*asked.values())
    return {
        person: [
            f"{touch.get_channel_display()}, {words.ago(touch.occurred_at, now=now)}"
            for touch in rows
        ]
        for person, rows in asked.items()
    }
