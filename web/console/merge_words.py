"""What a merge would do, in sentences: which lead carries on, who keeps it, by when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from core.texts import _
from leads.models import Lead, Person
from lifecycle import joining
from lifecycle.joining import Foreseen
from lifecycle.merging import Preview
from web.console import field_words, todo, words


def sentences(preview: Preview, *, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    """In the order in which it would happen; nothing where it cannot be done."""
    if preview.refusal:
        return ()
    leads = {lead.pk: lead for lead in preview.leads}
    winner = told_apart(preview.winner, preview.loser)
    loser = told_apart(preview.loser, preview.winner)
    told = [
        _("{loser} becomes part of {winner}; both keep their rows.").format(
            loser=loser, winner=winner
        )
    ]
    for pk, into in preview.plan.joins.items():
        told += _joined(leads[pk], leads[into])
    for lead in preview.leads:
        if lead.pk not in preview.plan.joins and lead.person_id == preview.loser.pk:
            told.append(
                _("{name} goes on as {winner}’s, as it stands.").format(
                    name=_name(lead), winner=winner
                )
            )
    for into in dict.fromkeys(preview.plan.joins.values()):
        told += _worth(
            leads[into], [leads[pk] for pk, at in preview.plan.joins.items() if at == into]
        )
    told += [_clock(one, now, zone) for one in preview.clocks]
    told.append(
        _(
            "What both did counts together, under the caps of the score rules; the "
            "criteria are judged again with the next touchpoint."
        )
    )
    return tuple(told)


def told_apart(person: Person, other: Person) -> str:
    """The name; with the address or number where both are called the same."""
    beside = person.email or person.phone
    same = person.name.casefold() == other.name.casefold()
    return f"{person.name} ({beside})" if same and beside else person.name


def _joined(lead: Lead, target: Lead) -> Iterator[str]:
    stands = target.get_stage_display()
    yield _("{name} carries on at {stands}; {name2} rests as Merged.").format(
        name=_name(target), stands=stands, name2=_name(lead)
    )
    if target.owner is not None:
        yield _("{owner} keeps lead {pk}.").format(owner=target.owner, pk=target.pk)
    if lead.owner is not None and lead.owner_id != target.owner_id:
        yield _("{owner} holds lead {pk} no more.").format(owner=lead.owner, pk=lead.pk)
    if lead.hand_raised_at is not None and target.hand_raised_at is None:
        yield _("The open request goes over to lead {pk}.").format(pk=target.pk)
    if target.account is None and lead.account is not None:
        yield _("Lead {pk} is at {name} from then on.").format(
            pk=target.pk, name=lead.account.name or lead.account.domain
        )


def _worth(target: Lead, joined: Sequence[Lead]) -> Iterator[str]:
    giver = joining.gives_worth(target, joined)
    if giver is not None:
        value = field_words.shown(joining.WORTH, giver.potential_value)
        yield _("Lead {pk} takes over the potential value of {value}.").format(
            pk=target.pk, value=value
        )


def _name(lead: Lead) -> str:
    account = lead.account
    company = (account.name or account.domain) if account else ""
    return (
        _("Lead {pk} ({company})").format(pk=lead.pk, company=company)
        if company
        else _("Lead {pk}").format(pk=lead.pk)
    )


def _clock(one: Foreseen, now: datetime, zone: tzinfo) -> str:
    what = todo.label(one.clock)
    due = words.moment(one.clock.due_at, now=now, zone=zone)
    if one.runs_on and one.twin is not None:
        later = words.moment(one.twin.due_at, now=now, zone=zone)
        return _("“{what}” is due once, by the earlier time: {due} instead of {later}.").format(
            what=what, due=due, later=later
        )
    if one.runs_on:
        return _("“{what}” runs on at lead {target}, due {due}.").format(
            what=what, target=one.target, due=due
        )
    if one.twin is not None:
        own = words.moment(one.twin.due_at, now=now, zone=zone)
        return _("“{what}” is due once: {own}, as lead {target} has it.").format(
            what=what, own=own, target=one.target
        )
    return _("“{what}” of lead {lead} ends: it is not owed where lead {target} stands.").format(
        what=what, lead=one.lead, target=one.target
    )
