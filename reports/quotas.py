"""What reps, teams and the company are to win: the quotas that count, and their share of days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from django.db.models import Q, QuerySet

from core import errors
from core.texts import _
from people.models import Team, User
from reports import costs, spreading, statements
from reports.models import QuotaEntry
from reports.periods import Period

Party: TypeAlias = User | Team | None
"""A rep, a team, or None for the company."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What a party is to win in a period. `complete`: a quota covers every day of it."""

    amount: Decimal
    deals: Decimal | None
    sqls: Decimal | None
    entries: tuple[int, ...]
    complete: bool


def entries_as_of(known: dt.datetime | None = None) -> QuerySet[QuotaEntry]:
    """The quotas that count, or that counted by what was known at an instant."""
    return statements.as_of(QuotaEntry, known)


def share_of(entry: QuotaEntry, period: Period, zone: dt.tzinfo = dt.UTC) -> Decimal:
    """What of a quota falls into a period: evenly per day, exact to the cent over the whole."""
    return spreading.share(entry.amount, entry.first_day, entry.last_day, period, zone)


def of_party(party: Party) -> Q:
    """The quotas of a rep, a team, or the company."""
    if isinstance(party, User):
        return Q(rep=party)
    return Q(team=party) if isinstance(party, Team) else Q(rep=None, team=None)


def of(
    party: Party,
    period: Period,
    *,
    zone: dt.tzinfo = dt.UTC,
    known: dt.datetime | None = None,
) -> Quota | None:
    """What a party is to win in a period; None where no quota touches it. Nothing is summed up
    from reps to teams: a quota that was not set is not known.
    """
    first, last = costs.days_of(period, zone)
    rows = entries_as_of(known).filter(of_party(party), costs.touching(first, last))
    return summed(rows, period, zone=zone)


def summed(rows: Iterable[QuotaEntry], period: Period, *, zone: dt.tzinfo = dt.UTC) -> Quota | None:
    """The quotas of one party together, as far as they fall into a period."""
    entries = sorted(rows, key=lambda entry: entry.first_day)
    if not entries:
        return None
    amount = sum((share_of(entry, period, zone) for entry in entries), Decimal("0.00"))
    first, last = costs.days_of(period, zone)
    days = sum(
        (min(entry.last_day, last) - max(entry.first_day, first)).days + 1 for entry in entries
    )
    return Quota(
        amount,
        _counted(entries, lambda entry: entry.deals, period, zone),
        _counted(entries, lambda entry: entry.sqls, period, zone),
        tuple(entry.number for entry in entries),
        days == (last - first).days + 1,
    )


def party_name(entry: QuotaEntry) -> str:
    """Whose quota it is, in words."""
    if entry.rep_id is not None:
        return str(entry.rep)
    return str(entry.team) if entry.team_id is not None else _("Company")


def party_named(text: str) -> Party:
    """The rep, team or company of a name: user name, e-mail, full name, or name of a team.

    Raises InvalidInput.
    """
    said = " ".join(text.split())
    if not said or said.casefold() in ("company", "unternehmen", "firma", "gesamt", "all"):
        return None
    people = User.objects.filter(is_active=True)
    by_name = _named(people, said)
    teams = list(Team.objects.filter(name__iexact=said))
    found: list[User | Team] = [*by_name, *teams]
    if len(found) == 1:
        return found[0]
    if found:
        raise statements.refused(
            "party",
            _("“{text}” may be {count}: write the user name of a rep.").format(
                text=said[:60], count=", ".join(str(one) for one in found[:4])
            ),
        )
    raise statements.refused(
        "party",
        _(
            "“{text}” is neither a rep nor a team here: write a user name, an e-mail address, a "
            "team, or Company."
        ).format(text=said[:60]),
    )


def get(number: int) -> QuotaEntry:
    """The last row of a quota, with its people. Raises NotFound."""
    found = statements.chain(QuotaEntry, number).select_related("rep__team", "team", "by").last()
    if found is None:
        raise errors.NotFound(_("There is no quota #{number}.").format(number=number))
    return found


def _named(people: QuerySet[User], said: str) -> list[User]:
    exact = list(people.filter(Q(username__iexact=said) | Q(email__iexact=said))[:2])
    if exact:
        return exact
    first, _blank, rest = said.partition(" ")
    last = rest.rpartition(" ")[2] if rest else ""
    named = people.filter(first_name__istartswith=first, last_name__iendswith=last)
    return [user for user in named if user.get_full_name().casefold() == said.casefold()]


def _counted(
    entries: list[QuotaEntry],
    count: Callable[[QuotaEntry], int | None],
    period: Period,
    zone: dt.tzinfo,
) -> Decimal | None:
    """A number of things over days; None where no entry says one."""
    said = [(entry, Decimal(told)) for entry in entries if (told := count(entry)) is not None]
    if not said:
        return None
    shares = (
        spreading.share(told, entry.first_day, entry.last_day, period, zone) for entry, told in said
    )
    return sum(shares, Decimal("0.00"))
