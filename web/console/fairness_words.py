"""What a ledger of turns says, in words a rep believes. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from core.texts import _, lazy
from routing import discretion, entitlement
from routing.discretion import Sight
from routing.fairness import Line
from routing.strategies import Considered, Pick
from web.console import words

EVEN = Fraction(1, 20)
"""Less than this, in leads, is told as nothing: it would read as 0.0."""

WHY = {
    "LEAVE": lazy("on leave"),
    "AWAY": "away",
    "OFF_SHIFT": lazy("off shift"),
    "OPEN_CAP": lazy("at the cap of open leads"),
    "DAY_CAP": lazy("at the cap of the day"),
    "WEEK_CAP": lazy("at the cap of the week"),
    "MONTH_CAP": lazy("at the cap of the month"),
    "HELD": lazy("had held the lead before"),
    "DECLINED": lazy("had said the lead was not theirs"),
    "KEPT": lazy("kept for somebody else"),
    "INACTIVE": "inactive",
    "OTHER": lazy("for another reason"),
    "TURN": lazy("another was due"),
    "LOAD": lazy("another had fewer open leads"),
    "BEST": lazy("another does best with leads like that"),
    "LANGUAGE": lazy("another speaks the buyer's language"),
    "DRAWN": lazy("drawn at random"),
}
WHILE = {
    "LEAVE": lazy("while you were on leave"),
    "AWAY": lazy("while you were away"),
    "OFF_SHIFT": lazy("while you were off shift"),
    "OPEN_CAP": lazy("while you were at your cap of open leads"),
    "DAY_CAP": lazy("while you were at your cap of the day"),
    "WEEK_CAP": lazy("while you were at your cap of the week"),
    "MONTH_CAP": lazy("while you were at your cap of the month"),
    "HELD": lazy("because you had held the lead before"),
    "DECLINED": lazy("because you had said the lead was not yours"),
    "KEPT": lazy("because the lead was kept for somebody else"),
    "INACTIVE": lazy("while you were inactive"),
    "OTHER": lazy("for another reason"),
}
LIMITS = {"DAY": "today", "WEEK": lazy("this week"), "MONTH": lazy("this month")}


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
        return (
            _("You and the pool are even.")
            if who == "you"
            else _("{who} and the pool are even.").format(who=who)
        )
    told = leads(size)
    much = (
        _("1 lead")
        if told == "1"
        else _("{told} of a lead").format(told=told)
        if size < 1
        else _("{told} leads").format(told=told)
    )
    if amount > 0:
        return _("The pool owes {who} {much}.").format(who=who, much=much)
    verb = "owe" if who == "you" else "owes"
    return _("{who}{who2} {verb} the pool {much}.").format(
        who=who[:1].upper(), who2=who[1:], verb=verb, much=much
    )


def own(line: Line) -> str:
    """The reader's own account in three sentences."""
    share = line.share
    got = (
        _("1 lead")
        if share.received == 1
        else _("{received} leads").format(received=words.number(share.received))
    )
    told = [
        _("You were entitled to {leads} and got {got}.").format(
            leads=leads(share.entitled), got=got
        )
    ]
    passed = [(share.passed[why], why) for why in entitlement.COULD_NOT if share.passed[why]]
    went = [f"{words.number(count)} {WHILE[why]}" for count, why in passed]
    if went:
        count, why = passed[0]
        went[0] = _("{plural} went past you {WHILE}").format(
            plural=words.plural(count, "turn"), WHILE=WHILE[why]
        )
        told.append(f"{_and(went)}.")
    if share.given_back:
        counts = "counts" if share.given_back == 1 else "count"
        told.append(
            _("{plural} given back {counts} for nothing.").format(
                plural=words.plural(share.given_back, "turn"), counts=counts
            )
        )
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
    cap = _(" of {open_cap}").format(open_cap=one.open_cap) if one.open_cap is not None else ""
    told = [_("{open_leads}{cap} open").format(open_leads=one.open_leads, cap=cap)]
    told += [
        _("{received} of {allowed} {LIMITS}").format(
            received=each.received, allowed=each.allowed, LIMITS=LIMITS[each.period]
        )
        for each in one.limits
    ]
    return ", ".join(told)


def place(standing: Considered | None) -> str:
    """How somebody would fare now: `Next`, `Place 3`, or why not."""
    if standing is None:
        return words.DASH
    if standing.rank is not None:
        return _("Next") if standing.rank == 1 else _("Place {rank}").format(rank=standing.rank)
    why = str(standing.excluded or words.DASH)
    return why[:1].upper() + why[1:]


def coming(pick: Pick, names: Mapping[int, str], *, random_percent: int) -> str:
    """Who would get the next lead, and why, to those who may see everybody."""
    if pick.user is None:
        return _("The next lead would wait: {because}.").format(because=pick.because)
    drawn = (
        _(" {random_percent} of 100 leads are drawn at random.").format(
            random_percent=random_percent
        )
        if random_percent
        else ""
    )
    return _("The next lead would go to {names}: {because}.{drawn}").format(
        names=names[pick.user], because=pick.because, drawn=drawn
    )


def own_turn(pick: Pick, user: int, *, random_percent: int) -> str:
    """The reader's own place, which tells nothing of the others."""
    mine = next((one for one in pick.considered if one.candidate.user == user), None)
    if mine is None:
        return ""
    if mine.rank is None:
        return _("You cannot take a lead now: {excluded}.").format(excluded=mine.excluded)
    drawn = (
        _(", unless it is drawn at random, as {random_percent} of 100 are").format(
            random_percent=random_percent
        )
        if random_percent
        else ""
    )
    if mine.rank == 1:
        sight = Sight(user)
        why = discretion.because(pick.because, pool="", picked=pick.user, sight=sight)
        return _("You are next{drawn}: {why}.").format(drawn=drawn, why=why)
    able = sum(one.rank is not None for one in pick.considered)
    return _("You are number {rank} of {able} who can take a lead now{drawn}.").format(
        rank=mine.rank, able=able, drawn=drawn
    )
