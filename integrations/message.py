"""A message in a team chat, before it is put into the form of one. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Somebody a message calls; without an id of that chat they are not called."""

    name: str
    slack_id: str = ""
    teams_id: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, and where it leads."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What stands above it, whom it calls, and what it says."""

    title: str
    people: tuple[Mentioned, ...]
    lines: tuple[Line, ...]
