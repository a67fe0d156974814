"""What is read in several steps, side by side: what all of them need next is asked in one message.

A function in steps is a generator. It yields the query sets, questions and other steps that it
needs, goes on when they hold their answers, and returns what it makes of them. So each stays one
story to be read from top to bottom, and a page of twenty of them costs as many messages as the
longest has steps.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Iterable
from typing import Any, Generic, ParamSpec, TypeAlias, TypeVar

from core import reading

T = TypeVar("T")
P = ParamSpec("P")

Needed: TypeAlias = "reading.Asked | Steps[Any]"
Story: TypeAlias = Generator[Iterable[Needed], None, T]


class Steps(Generic[T]):
    """One such story under way; `found` holds its outcome once it was asked."""

    found: T

    def __init__(self, story: Story[T]) -> None:
        self._story = story
        self._within: list[Steps[Any]] = []
        self._over = False

    def next(self) -> list[reading.Asked]:
        """What it needs now, after what it needed before was answered; nothing when it is over."""
        while not self._over:
            if asked := [one for steps in self._within for one in steps.next()]:
                return asked
            try:
                needed = list(next(self._story))
            except StopIteration as end:
                self.found, self._over = end.value, True
                break
            self._within = [one for one in needed if isinstance(one, Steps)]
            asked = [one for one in needed if not isinstance(one, Steps)]
            asked += [one for steps in self._within for one in steps.next()]
            if asked:
                return asked
        return []

    def read(self) -> T:
        """The outcome, asked by itself."""
        ask(self)
        return self.found


def in_steps(tells: Callable[P, Story[T]]) -> Callable[P, Steps[T]]:
    """Make a generator function one that is read in steps."""

    @functools.wraps(tells)
    def begun(*args: P.args, **kwargs: P.kwargs) -> Steps[T]:
        return Steps(tells(*args, **kwargs))

    return begun


def ask(*needed: Needed) -> None:
    """Read all of these side by side, in as few messages as the longest takes."""

    def story() -> Story[None]:
        yield needed

    whole = Steps(story())
    while asked := whole.next():
        reading.ask(*asked)
