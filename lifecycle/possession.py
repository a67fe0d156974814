"""How a lead came to who holds it, or why it waits, in one or two sentences. Pure.

“Why me?” in every case: by rule, after waiting, because somebody gave it back, handed it over, took
it, left, or did not act. An ending that is not known here is told as the log has it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core import phrases
from lifecycle import causes
from routing import decision_sentence, discretion, escalation, matching, passing, rules
from routing.decision_sentence import Say, Told
from routing.discretion import Sight

MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Decided:
    """What the sentence needs of a decision record."""

    tried: list[dict[str, Any]]
    target: str
    moment: str
    pool: str
    picked: int | None
    because: str
    candidates: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Came:
    """How a lead came to `user`; None where it waits. Names and labels are not in it.

    `why` is what the log says, `by` the person who acted. `before` had it until then, or until it
    began to wait, and `ending` is why they do not any more. `queue` is where it waited so long.
    """

    user: int | None
    why: str = ""
    by: int | None = None
    decided: Decided | None = None
    before: int | None = None
    ending: str = ""
    ended_by: int | None = None
    misrouted_as: str = ""
    """Why it was not theirs, who said so: the label of the reason they chose."""
    queue: str = ""
    waited: dt.timedelta | None = None
    waited_in: str = ""
    """The queue in which it began to wait, where that is not `queue`."""
    is_history: bool = False
    kept_for: int | None = None
    kept_until: dt.datetime | None = None
    reason: str = ""
    """What whoever handed it on together with others said of it."""

    @property
    def people(self) -> tuple[int, ...]:
        """Everybody the sentence may name."""
        one = self.decided
        meant = decision_sentence.users(one.tried) if one else ()
        declined = passing.who_declined(one.candidates) if one else ()
        some = (self.user, self.by, self.before, self.ended_by, self.kept_for, *meant, *declined)
        return tuple(one for one in some if one is not None)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, by what names they know people and pools, and whose figures they see."""

    id: int
    names: Mapping[int, str]
    pools: Mapping[str, str]
    say: Say
    sight: Sight


def sentence(came: Came, reader: Reader) -> str:
    """The whole story in one or two sentences."""
    why = discretion.because(came.why, pool=came.queue, picked=came.user, sight=reader.sight)
    came = replace(came, why=why)
    if came.why in _TAKEN_BACK and came.user is not None:
        said = [_again(came, reader), _by_rule(came, reader)]
    elif came.decided is None:
        said = [_by_people(came, reader), "" if _tells_wait(came) else _waited(came, reader)]
    else:
        said = [_before(came, reader), _back(came), _waited(came, reader), _by_rule(came, reader)]
    if came.user is None and came.kept_for is not None:
        said.append(_kept(came, reader))
    if came.reason:
        said.append(f"The reason given: “{came.reason}”")
    return " ".join(filter(None, said))


def _by_rule(came: Came, reader: Reader) -> str:
    one = came.decided
    if one is None:
        return ""
    return decision_sentence.sentence(
        Told(
            tried=discretion.tried(one.tried, sight=reader.sight),
            target=one.target,
            pool=reader.pools.get(one.pool, one.pool),
            picked=one.picked,
            because=discretion.because(
                one.because, pool=one.pool, picked=one.picked, sight=reader.sight
            ),
            candidates=discretion.candidates(one.candidates, pool=one.pool, sight=reader.sight),
            names=reader.names,
            reader=reader.id,
            say=reader.say,
            by_level=one.moment == escalation.MOMENT,
            by_hand=one.moment == matching.BY_HAND,
            giver=came.ended_by or came.by,
            before=came.before,
        )
    )


def _back(came: Came) -> str:
    one = came.decided
    if one is None or one.moment != rules.REENTRY or came.before is not None:
        return ""
    return "The buyer came back."


def _waited(came: Came, reader: Reader) -> str:
    if came.waited is None or came.waited < MINUTE or came.is_history:
        return ""
    if came.user is None and not came.waited_in:
        return ""  # it waits on where it waited
    key = came.waited_in or came.queue
    queue = reader.pools.get(key, key)
    return f"It had waited {phrases.span(came.waited)} in the queue of {queue}."


def _tells_wait(came: Came) -> bool:
    """Whether the sentence itself says how long it had waited."""
    return came.why == causes.CLAIMED and came.user is not None


def _before(came: Came, reader: Reader) -> str:
    """What ended the leg before this one."""
    if came.before is None:
        return ""
    who, is_you = _who(came.before, reader), came.before == reader.id
    if came.decided is not None and came.decided.moment == matching.BY_HAND:
        return ""  # the sentence itself says who gave it to a pool
    if came.ending == causes.REASSIGNED and came.ended_by is not None:
        if came.ended_by == came.before:
            return f"{who} handed it on, to whom the rules choose."
        return (
            f"{_who(came.ended_by, reader)} had the rules choose anew after "
            f"{_whom(came.before, reader)}."
        )
    said = {
        causes.MISROUTED: f"said it was not {'yours' if is_you else 'theirs'}{_misrouted(came)}",
        causes.LEFT: f"{'have' if is_you else 'has'} left",
        causes.HANDED_ON: "handed it off",
        causes.ESCALATED: "had it and did not act in time",
    }.get(came.ending.partition(":")[0])
    if said is None:
        ending = came.ending.replace("_", " ")
        said = f"had it before: {ending}" if ending else "had it before"
    return f"{who} {said}."


def _by_people(came: Came, reader: Reader) -> str:
    if came.user is None:
        return _waits(came, reader)
    teller = _TELLERS.get(came.why)
    if came.is_history:
        return f"By imported history it was {_theirs(came.user, reader)}."
    if teller is not None:
        return teller(came, reader)
    came_to = f"It came to {_whom(came.user, reader)}"
    told = f": {came.why.replace('_', ' ')}" if came.why else ""
    first = _before(came, reader)
    return f"{first} {came_to}{told}.".strip()


def _waits(came: Came, reader: Reader) -> str:
    if not came.queue:
        told = f": {causes.in_words(came.why)}" if came.why else ""
        return f"Nobody holds it{told}."
    label = reader.pools.get(came.queue, came.queue)
    why = "a step was taken back" if came.why == causes.UNDO else came.why.replace("_", " ")
    first = _before(came, reader)
    return f"{first} It waits in the queue of {label}{f': {why}' if why else ''}.".strip()


def _kept(came: Came, reader: Reader) -> str:
    until = f" until {reader.say(came.kept_until)}" if came.kept_until else ""
    return f"It is kept for {_whom(came.kept_for, reader)}{until}."


def _returned(came: Came, reader: Reader) -> str:
    who, whom = _who(came.by, reader), _whom(came.user, reader)
    had = "you" if came.user == reader.id else "they"
    return f"{who} returned the hand-off to {whom}: {had} had handed it off."


def _named(came: Came, reader: Reader) -> str:
    them = "yours" if came.by == reader.id else "theirs"
    who, whom = _who(came.by, reader), _whom(came.user, reader)
    if came.by != came.before and came.before is not None:
        had = _theirs(came.before, reader)
        return f"{who} gave it to {whom}: it was not {had}{_misrouted(came)}."
    return f"{who} said it was not {them}{_misrouted(came)}, and named {whom}."


def _misrouted(came: Came) -> str:
    return f" ({phrases.in_a_sentence(came.misrouted_as)})" if came.misrouted_as else ""


def _claimed(came: Came, reader: Reader) -> str:
    queue = reader.pools.get(came.queue, came.queue)
    where = f"the queue of {queue}" if queue else "a queue"
    waited = ""
    if came.waited is not None and came.waited >= MINUTE:
        waited = f", where it had waited {phrases.span(came.waited)}"
    return f"{_who(came.user, reader)} claimed it from {where}{waited}."


def _sourced(came: Came, reader: Reader) -> str:
    them = "yourself" if came.user == reader.id else "themselves"
    return f"{_who(came.user, reader)} sourced it {them}."


def _reassigned(came: Came, reader: Reader) -> str:
    who, whom = _who(came.by, reader), _whom(came.user, reader)
    if came.by is not None and came.by == came.before:
        return f"{who} handed it over to {whom}."
    had = _whom(came.before, reader) if came.before is not None else ""
    if came.by == came.user:
        return f"{who} took it over{f' from {had}' if had else ''}."
    if not had and came.queue:
        had = f"the queue of {reader.pools.get(came.queue, came.queue)}"
    return f"{who} gave it to {whom}{f'; before it was with {had}' if had else ''}."


def _known(came: Came, reader: Reader) -> str:
    keep = "look" if came.user == reader.id else "looks"
    whom = _whom(came.user, reader)
    return f"{_who(came.user, reader)} {keep} after this account, so it came to {whom}."


def _left(came: Came, reader: Reader) -> str:
    lead = "lead" if came.user == reader.id else "leads"
    gone = _who(came.before, reader) if came.before is not None else "Whoever had it"
    return f"{gone} has left, and {_whom(came.user, reader)} {lead} their team."


def _again(came: Came, reader: Reader) -> str:
    what = "merge" if came.why == causes.UNMERGED else "step"
    return f"A {what} was taken back, so it is {_theirs(came.user, reader)} again."


def _realigned(came: Came, reader: Reader) -> str:
    look = "look" if came.user == reader.id else "looks"
    had = f"; before it was with {_whom(came.before, reader)}" if came.before is not None else ""
    whom = _who(came.user, reader)
    return f"Territories were realigned: {whom} {look} after this part of the world now{had}."


_TELLERS: dict[str, Callable[[Came, Reader], str]] = {
    causes.RETURNED: _returned,
    causes.MISROUTED: _named,
    causes.CLAIMED: _claimed,
    causes.SELF_SOURCED: _sourced,
    causes.REASSIGNED: _reassigned,
    causes.REALIGNED: _realigned,
    causes.KNOWN_ACCOUNT: _known,
    causes.TO_KEEPER: _known,
    causes.LEFT: _left,
}
_TAKEN_BACK = (causes.UNDO, causes.UNMERGED)


def _who(user: int | None, reader: Reader) -> str:
    return phrases.capital(_whom(user, reader))


def _whom(user: int | None, reader: Reader) -> str:
    return "you" if user == reader.id else reader.names.get(user or 0, "somebody")


def _theirs(user: int | None, reader: Reader) -> str:
    return "yours" if user == reader.id else f"{reader.names.get(user or 0, 'somebody')}'s"
