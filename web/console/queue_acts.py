"""What is done with ticked rows of a queue: one call each, and what to say of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core import errors
from core.errors import DomainError
from core.texts import _
from lifecycle import actions, set_aside
from lifecycle.set_aside import AT_ONCE, Tried
from people.models import User
from web.console import words


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says to it: a few words, and a reason of the kit where one is asked for."""

    words: str = ""
    reason: str = ""


def run(queue: str, verb: str, ids: Sequence[int], *, by: User, said: Said) -> str:
    """Do it to all of these rows; returns what was done. Raises DomainError."""
    found = _ACTS.get((queue, verb))
    if found is None:
        raise errors.NotFound(_("There is no such act on this queue."))
    if not ids:
        raise errors.InvalidInput(_("Tick at least one row."))
    if len(ids) > AT_ONCE:
        raise errors.InvalidInput(_("Tick at most {AT_ONCE} rows at once.").format(AT_ONCE=AT_ONCE))
    return found(ids, by, said)


def _retry(ids: Sequence[int], by: User, _said: Said) -> str:
    return tried(set_aside.retry(ids, by=by))


def _let_through(ids: Sequence[int], by: User, _said: Said) -> str:
    return tried(set_aside.let_through(ids, by=by))


def _put_aside(ids: Sequence[int], by: User, said: Said) -> str:
    count = set_aside.put_aside(ids, by=by, reason=said.words)
    return _("Set aside: {plural}.").format(plural=words.plural(count, "touchpoint"))


def _discard(ids: Sequence[int], by: User, said: Said) -> str:
    count = set_aside.discard(ids, by=by, reason=said.words)
    return _("Discarded: {plural}. They stay under “Discarded”.").format(
        plural=words.plural(count, "touchpoint")
    )


def _release(ids: Sequence[int], by: User, said: Said) -> str:
    if not said.words.strip():
        raise errors.InvalidInput(_("Say why they may pass, in a few words."))
    return _each(
        ids, _("Let pass"), lambda pk: actions.release(lead_id=pk, by=by, reason=said.words)
    )


def _disqualify(ids: Sequence[int], by: User, said: Said) -> str:
    return _each(
        ids,
        _("Disqualified"),
        lambda pk: actions.disqualify(lead_id=pk, by=by, reason=said.reason, note=said.words),
    )


def _each(ids: Sequence[int], did: str, act: Callable[[int], object]) -> str:
    """One after the other: what somebody else was faster with stops nobody."""
    done, refused = 0, ""
    for pk in ids:
        try:
            act(pk)
            done += 1
        except DomainError as refusal:
            refused = refusal.message
    if not done:
        raise errors.TooLate(refused)
    left = len(ids) - done
    more = (
        _(" {plural} not: {refused}").format(plural=words.plural(left, "lead"), refused=refused)
        if left
        else ""
    )
    return f"{did}: {words.plural(done, 'lead')}.{more}"


def tried(found: Tried) -> str:
    """What became of touches that were tried."""
    told = [_("Went through: {plural}.").format(plural=words.plural(found.advanced, "touchpoint"))]
    if found.failed:
        told.append(
            _("Failed again: {failed}; the reason stands beside it.").format(failed=found.failed)
        )
    if found.passed_over:
        told.append(
            _("Passed over: {passed_over}, somebody was faster.").format(
                passed_over=found.passed_over
            )
        )
    return " ".join(told)


_ACTS: dict[tuple[str, str], Callable[[Sequence[int], User, Said], str]] = {
    ("exceptions", "retry"): _retry,
    ("exceptions", "set-aside"): _put_aside,
    ("spam", "release"): _let_through,
    ("spam", "discard"): _discard,
    ("quarantine", "release"): _release,
    ("quarantine", "disqualify"): _disqualify,
}
