"""What a ledger of turns says, in words a rep believes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from routing import discretion, entitlement
from routing.discretion import Sight
from routing.fairness import Line
from routing.strategies import Considered, Pick
from web.console import words

EVEN = Fraction(1, 20)
"""Less than this, in leads, is told as nothing: it would read as 0.0."""

WHY = {
    "LEAVE": "on leave",
    "AWAY": "away",
    "OFF_SHIFT": "off shift",
    "OPEN_CAP": "at the cap of open leads",
    "DAY_CAP": "at the cap of the day",
    "WEEK_CAP": "at the cap of the week",
    "MONTH_CAP": "at the cap of the month",
    "HELD": "had held the lead before",
    "DECLINED": "had said the lead was not theirs",
    "KEPT": "kept for somebody else",
    "INACTIVE": "inactive",
    "OTHER": "for another reason",
    "TURN": "another was due",
    "LOAD": "another had fewer open leads",
    "BEST": "another does best with leads like that",
    "LANGUAGE": "another speaks the buyer's language",
    "DRAWN": "drawn at random",
}
WHILE = {
    "LEAVE": "while you were on leave",
    "AWAY": "while you were away",
    "OFF_SHIFT": "while you were off shift",
    "OPEN_CAP": "while you were at your cap of open leads",
    "DAY_CAP": "while you were at your cap of the day",
    "WEEK_CAP": "while you were at your cap of the week",
    "MONTH_CAP": "while you were at your cap of the month",
    "HELD": "because you had held the lead before",
    "DECLINED": "because you had said the lead was not yours",
    "KEPT": "because the lead was kept for somebody else",
    "INACTIVE": "while you were inactive",
    "OTHER": "for another reason",
}
LIMITS = {"DAY": "today", "WEEK": "this week", "MONTH": "this month"}


def leads(amount: Fraction) -> str:
    """`41.3`, `42`."""
    rounded = round(float(amount), 1)
    return words.number(int(rounded) if rounded.is_integer() else rounded)


def signed(amount: Fraction) -> str:
    """`+0.4`, `−1.2`, `0`."""
    if abs(amount) < EVEN:
        return "0"
    return f"{'+' if amount > 0 else words.MINUS}{leads(abs(amount))}"


def credit(units: int) -> str:
    """`+3`, `−2`, `0`."""
    return f"{units:+,}".replace("-", words.MINUS) if units else "0"


def owes(amount: Fraction, *, who: str = "you") -> str:
    """What the pool owes somebody, or they it: `The pool owes you 0.4 of a lead.`"""
    size = abs(amount)
    if size < EVEN:
        return "You and the pool are even." if who == "you" else f"{who} and the pool are even."
    told = leads(size)
    much = "1 lead" if told == "1" else f"{told} of a lead" if size < 1 else f"{told} leads"
    if amount > 0:
        return f"The pool owes {who} {much}."
    verb = "owe" if who == "you" else "owes"
    return f"{who[:1].upper()}{who[1:]} {verb} the pool {much}."


def own(line: Line) -> str:
    """The reader's own account in three sentences."""
    share = line.share
    got = "1 lead" if share.received == 1 else f"{words.number(share.received)} leads"
    told = [f"You were entitled to {leads(share.entitled)} and got {got}."]
    passed = [(share.passed[why], why) for why in entitlement.COULD_NOT if share.passed[why]]
    went = [f"{words.number(count)} {WHILE[why]}" for count, why in passed]
    if went:
        count, why = passed[0]
        went[0] = f"{words.plural(count, 'turn')} went past you {WHILE[why]}"
        told.append(f"{_and(went)}.")
    if share.given_back:
        counts = "counts" if share.given_back == 1 else "count"
        told.append(f"{words.plural(share.given_back, 'turn')} given back {counts} for nothing.")
    return " ".join((*told, owes(line.owed)))


def _and(parts: Sequence[str]) -> str:
    return ", ".join(parts[:-1]) + (" and " if parts[:-1] else "") + parts[-1]


def reasons(passed: Mapping[str, int], kinds: Sequence[str]) -> str:
    """`3 × on leave, 1 × at the cap of open leads`, the most frequent first; empty of none."""
    found = sorted((-passed[why], kinds.index(why)) for why in kinds if passed.get(why))
    return ", ".join(f"{words.number(-count)} × {WHY[kinds[place]]}" for count, place in found)


def load(standing: Considered | None) -> str:
    """`7 of 10 open, 3 of 4 today`."""
    if standing is None:
        return words.DASH
    one = standing.candidate
    cap = f" of {one.open_cap}" if one.open_cap is not None else ""
    told = [f"{one.open_leads}{cap} open"]
    told += [f"{each.received} of {each.allowed} {LIMITS[each.period]}" for each in one.limits]
    return ", ".join(told)


def place(standing: Considered | None) -> str:
    """How somebody would fare now: `Next`, `Place 3`, or why not."""
    if standing is None:
        return words.DASH
    if standing.rank is not None:
        return "Next" if standing.rank == 1 else f"Place {standing.rank}"
    why = str(standing.excluded or words.DASH)
    return why[:1].upper() + why[1:]


def coming(pick: Pick, names: Mapping[int, str], *, random_percent: int) -> str:
    """Who would get the next lead, and why, to those who may see everybody."""
    if pick.user is None:
        return f"The next lead would wait: {pick.because}."
    drawn = f" {random_percent} of 100 leads are drawn at random." if random_percent else ""
    return f"The next lead would go to {names[pick.user]}: {pick.because}.{drawn}"


def own_turn(pick: Pick, user: int, *, random_percent: int) -> str:
    """The reader's own place, which tells nothing of the others."""
    mine = next((one for one in pick.considered if one.candidate.user == user), None)
    if mine is None:
        return ""
    if mine.rank is None:
        return f"You cannot take a lead now: {mine.excluded}."
    drawn = (
        f", unless it is drawn at random, as {random_percent} of 100 are" if random_percent else ""
    )
    if mine.rank == 1:
        sight = Sight(user)
        why = discretion.because(pick.because, pool="", picked=pick.user, sight=sight)
        return f"You are next{drawn}: {why}."
    able = sum(one.rank is not None for one in pick.considered)
    return f"You are number {mine.rank} of {able} who can take a lead now{drawn}."
