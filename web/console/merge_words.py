"""What a merge would do, in sentences: which lead carries on, who keeps it, by when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

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
    told = [f"{loser} becomes part of {winner}; both keep their rows."]
    for pk, into in preview.plan.joins.items():
        told += _joined(leads[pk], leads[into])
    for lead in preview.leads:
        if lead.pk not in preview.plan.joins and lead.person_id == preview.loser.pk:
            told.append(f"{_name(lead)} goes on as {winner}’s, as it stands.")
    for into in dict.fromkeys(preview.plan.joins.values()):
        told += _worth(
            leads[into], [leads[pk] for pk, at in preview.plan.joins.items() if at == into]
        )
    told += [_clock(one, now, zone) for one in preview.clocks]
    told.append(
        "What both did counts together, under the caps of the score rules; the criteria are judged "
        "again with the next touchpoint."
    )
    return tuple(told)


def told_apart(person: Person, other: Person) -> str:
    """The name; with the address or number where both are called the same."""
    beside = person.email or person.phone
    same = person.name.casefold() == other.name.casefold()
    return f"{person.name} ({beside})" if same and beside else person.name


def _joined(lead: Lead, target: Lead) -> Iterator[str]:
    stands = target.get_stage_display()
    yield f"{_name(target)} carries on at {stands}; {_name(lead)} rests as Merged."
    if target.owner is not None:
        yield f"{target.owner} keeps lead {target.pk}."
    if lead.owner is not None and lead.owner_id != target.owner_id:
        yield f"{lead.owner} holds lead {lead.pk} no more."
    if lead.hand_raised_at is not None and target.hand_raised_at is None:
        yield f"The open request goes over to lead {target.pk}."
    if target.account is None and lead.account is not None:
        yield f"Lead {target.pk} is at {lead.account.name or lead.account.domain} from then on."


def _worth(target: Lead, joined: Sequence[Lead]) -> Iterator[str]:
    giver = joining.gives_worth(target, joined)
    if giver is not None:
        value = field_words.shown(joining.WORTH, giver.potential_value)
        yield f"Lead {target.pk} takes over the potential value of {value}."


def _name(lead: Lead) -> str:
    account = lead.account
    company = (account.name or account.domain) if account else ""
    return f"Lead {lead.pk} ({company})" if company else f"Lead {lead.pk}"


def _clock(one: Foreseen, now: datetime, zone: tzinfo) -> str:
    what = todo.label(one.clock)
    due = words.moment(one.clock.due_at, now=now, zone=zone)
    if one.runs_on and one.twin is not None:
        later = words.moment(one.twin.due_at, now=now, zone=zone)
        return f"“{what}” is due once, by the earlier time: {due} instead of {later}."
    if one.runs_on:
        return f"“{what}” runs on at lead {one.target}, due {due}."
    if one.twin is not None:
        own = words.moment(one.twin.due_at, now=now, zone=zone)
        return f"“{what}” is due once: {own}, as lead {one.target} has it."
    return f"“{what}” of lead {one.lead} ends: it is not owed where lead {one.target} stands."
