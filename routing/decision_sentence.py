"""A decision in one sentence, for pages and mail. Pure: names and how to say a time are given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import phrases
from routing import discretion, passing, presence, rule_words, strategies, targets
from routing import rules as kit_rules

IS = ("at the cap", discretion.AT_A_CAP, *targets.AWAY.values())

Say = Callable[[datetime], str]
"""How to say an instant to whoever reads."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the sentence draws on: the record, its pool by name, and whoever reads it."""

    tried: list[dict[str, Any]]
    target: str
    pool: str
    picked: int | None
    because: str
    candidates: Iterable[Mapping[str, Any]]
    names: Mapping[int, str]
    reader: int
    say: Say
    by_level: bool = False
    """Whether a level of escalation decided, not a rule."""
    by_hand: bool = False
    """Whether a person said which pool: `giver`, and who had it `before`, where they are known."""
    giver: int | None = None
    before: int | None = None


def sentence(told: Told) -> str:
    """Which rule sent it where, and why it was theirs, or nobody's."""
    last: dict[str, Any] = told.tried[-1] if told.tried else {}
    rule = next((one for one in told.tried if one.get("matched")), {})
    by = f"{'Level' if told.by_level else 'Rule'} “{rule.get('label', '')}”"
    whom = wanted(last, told.names, told.say)
    if is_for_person(told.tried):
        verb = "it is yours"
        if told.picked != told.reader:
            verb = f"{_name(told.picked, told.names)} {told.because}"
        held = load(last["meant"])
        return f"{by} gave it to {whom}: {verb}{f', with {held}' if held else ''}."
    sent = _given(told) if told.by_hand else f"{by} sent it to pool {told.pool}"
    if whom and last.get("refused"):
        sent = f"{by} wanted {whom}; so pool {told.pool}"
    if told.picked is None:
        if told.target == kit_rules.QUEUE:
            return f"{sent}, where it waits for people to claim."
        return f"{sent}; nobody there could take it then{_declined(told)}."
    entry: Mapping[str, Any] = next(
        (one for one in told.candidates if one["user"] == told.picked), {}
    )
    you = told.picked == told.reader
    who = "you" if you else _name(told.picked, told.names)
    if told.because == presence.KEPT:
        return f"{sent}, where it was kept for {who} while nobody worked{_held(entry)}."
    return f"{sent}, and {who} {was(told.because, you=you)}{_held(entry)}."


def _given(told: Told) -> str:
    """No rule was asked: a person gave it to a pool."""
    who = phrases.capital(_whom(told.giver, told)) if told.giver else "Somebody"
    taken = told.before not in (None, told.giver)
    had = f", from {_whom(told.before, told)}," if taken else ""
    return f"{who} gave it{had} to pool {told.pool}"


def _whom(user: int | None, told: Told) -> str:
    return "you" if user == told.reader else _name(user, told.names)


def was(because: str, *, you: bool) -> str:
    """Why somebody got it, as what they were or did: “were next in the weighted rotation”."""
    be, their = ("were", "your") if you else ("was", "their")
    if because.startswith(presence.CALLED):
        rest = because.removeprefix(presence.CALLED).removeprefix(", ")
        called = presence.CALLED.replace("works", "worked")
        return f"{be} {called}" + (f" and {was(rest, you=you)}" if rest else "")
    if because.startswith(strategies.LEAST_OPEN):
        rest = because.removeprefix(strategies.LEAST_OPEN)
        return f"had the fewest open leads for {their} share{rest}"
    if because.startswith("wins "):
        return f"{'win' if you else 'wins'} {because.removeprefix('wins ')}"
    return f"{be} {because}"


def is_for_person(tried: list[dict[str, Any]]) -> bool:
    """Whether a rule gave it to somebody without asking a pool."""
    last = tried[-1] if tried else {}
    meant = last.get("meant") or {}
    return meant.get("user") is not None and not last.get("refused")


def wanted(tried: Mapping[str, Any], names: Mapping[int, str], say: Say) -> str:
    """“the account's owner, Katrin Vogel, who is on leave until Monday”; empty for pools."""
    meant = tried.get("meant")
    if not isinstance(meant, Mapping):
        return ""
    whom = rule_words.WANTED.get(str(tried.get("target")), "somebody")
    if tried.get("target") == targets.TERRITORY and meant.get("by"):
        whom = f"the territory “{meant['by']}”"
    if tried.get("target") == targets.PARTNER_MANAGER and meant.get("by"):
        whom = f"the manager of {meant['by']}"
    refused = str(tried.get("refused") or "")
    if meant.get("user") is None:
        return f"{whom}; {refused}" if refused else whom
    name = _name(meant["user"], names)
    if not refused:
        return f"{whom}, {name}"
    verb = f"was {refused}" if refused.startswith(IS) else refused
    return f"{whom}, {name}, who {verb}{_until(meant, say)}"


def users(tried: list[dict[str, Any]]) -> list[int]:
    """Everybody whom the rules tried meant."""
    found = (one["meant"].get("user") for one in tried if isinstance(one.get("meant"), Mapping))
    return [user for user in found if user is not None]


def load(meant: Mapping[str, Any]) -> str:
    """What they held then: “3 of 30 open leads”; empty where that is withheld."""
    if meant.get(discretion.WITHHELD):
        return ""
    cap, held = meant.get("open_cap"), meant.get("open_leads", 0)
    if cap is None:
        return phrases.plural(held, "open lead")
    return f"{held} of {phrases.plural(cap, 'open lead')}"


def _held(entry: Mapping[str, Any]) -> str:
    if entry.get(discretion.WITHHELD):
        return ""
    cap, held = entry.get("open_cap"), entry.get("open_leads", 0)
    if cap is None:
        return f", with {phrases.plural(held, 'lead')} held"
    return f", with {held} of {phrases.plural(cap, 'lead')} held"


def _declined(told: Told) -> str:
    """Who of the pool had given it back: only people bring it to them again."""
    said = passing.who_declined(told.candidates)
    who = ["you" if one == told.reader else _name(one, told.names) for one in said]
    if not who:
        return ""
    theirs = "yours" if said == [told.reader] else "theirs"
    return f": {phrases.listed(who)} had said it was not {theirs}"


def _until(meant: Mapping[str, Any], say: Say) -> str:
    """When the reason would end, in the reader's zone."""
    if not (meant.get("until") and meant.get("away")):
        return ""
    return f" until {say(datetime.fromisoformat(meant['until']))}"


def _name(user: int | None, names: Mapping[int, str]) -> str:
    return names.get(user or 0, f"User {user}")
