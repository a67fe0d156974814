"""What a notice says, for the console and for mail. Pure: it gets names and times, reads nothing.

Nothing of the buyer's person is said: whoever may see it follows the link.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
import zoneinfo
from dataclasses import dataclass
from typing import Any

from lifecycle import dispute_wording
from lifecycle.models import Notice
from lifecycle.recipients import Part

LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True)
class About:
    """What a notice is made of. `company` and `holder` may be empty where there is none."""

    kind: Notice.Kind
    words: dict[str, Any]
    lead: int
    company: str
    holder: str
    zone: zoneinfo.ZoneInfo
    why: str = ""
    """How the lead came to whom it is assigned (`lifecycle.possession`)."""
    to_many: bool = False
    """Whether a channel reads it: then it is said whose the lead is."""


def headline(about: About) -> str:
    """The notice in a few words, on one line."""
    what = str(about.words.get("label", ""))
    whose = about.company or f"lead {about.lead}"
    escalated = about.words.get("part") == Part.MANAGER
    text = {
        Notice.Kind.ASSIGNED: f"New lead: {whose}",
        Notice.Kind.WARNED: f"Due soon: {what} · {whose}",
        Notice.Kind.BREACHED: f"Overdue{' in your team' if escalated else ''}: {what} · {whose}",
        Notice.Kind.ESCALATED: f"Still overdue: {what} · {whose}",
        **{kind: f"{said}: {whose}" for kind, said in dispute_wording.HEADLINES.items()},
    }[about.kind]
    return one_line(text)[:LONGEST_SUBJECT]


def sentence(about: About) -> str:
    """The notice in one or two sentences, in the reader's zone."""
    whose = one_line(about.company) or f"lead {about.lead}"
    what = one_line(str(about.words.get("label", "")))
    due = _due(about)
    if about.kind in dispute_wording.KINDS:
        return dispute_wording.sentence(
            about.kind, about.words, whose=whose, who=one_line(about.holder), label=what,
            by_when=due,
        )  # fmt: skip
    if about.kind is Notice.Kind.ASSIGNED:
        yours = [f"{whose} is {_whom(about)} now.", _after(about).strip() or one_line(about.why)]
        return " ".join(filter(None, [*yours, f"The first step is due {due}." if due else ""]))
    if about.kind is Notice.Kind.WARNED:
        return f"“{what}” for {whose} is due {due}.{_with(about)}"
    if about.kind is Notice.Kind.ESCALATED:
        return _level(about, f"“{what}” for {whose} was due {due}")
    return f"“{what}” for {whose} was due {due} and is overdue.{_with(about)}"


def _whom(about: About) -> str:
    return f"with {one_line(about.holder)}" if about.to_many and about.holder else "yours"


def one_line(text: str) -> str:
    """The text without line breaks and other control characters, runs of blanks as one."""
    visible = (" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return " ".join("".join(visible).split())


def moment(iso: str, zone: zoneinfo.ZoneInfo) -> str:
    """An instant as people of that zone write it, with the zone's name."""
    return instant_in(dt.datetime.fromisoformat(iso), zone)


def instant_in(at: dt.datetime, zone: zoneinfo.ZoneInfo) -> str:
    """The same of an instant."""
    instant = at.astimezone(zone)
    return f"{instant:%a} {instant.day} {instant:%b %Y, %H:%M} ({zone.key})"


def _level(about: About, due: str) -> str:
    level = one_line(str(about.words.get("level", "")))
    if about.words.get("moved"):
        return f"{due} and still open.{_moved(about, level)}"
    told = f" This is the level “{level}”." if level else ""
    alone = " Nobody it could be told to is at work now." if _at_night(about) else ""
    return f"{due} and is still open.{told}{_with(about)}{alone}"


def _at_night(about: About) -> bool:
    return bool(about.words.get("nobody_at_work")) and about.words.get("part") == Part.MANAGER


def _after(about: About) -> str:
    """Why a lead comes to somebody whom a level of escalation gave it."""
    level = one_line(str(about.words.get("level", "")))
    what = one_line(str(about.words.get("label", "")))
    return f" It was escalated (“{level}”), since “{what}” was overdue." if level else ""


def _moved(about: About, level: str) -> str:
    """Where a level put it, in a sentence."""
    if about.holder:
        return f" By the level “{level}” it is with {one_line(about.holder)} now."
    return f" By the level “{level}” it waits in a queue now, for somebody to claim it."


def _with(about: About) -> str:
    if about.words.get("part") != Part.MANAGER and not about.to_many:
        return ""
    if about.holder:
        return f" The lead is with {one_line(about.holder)}{_absent(about)}."
    return " The lead waits in a queue and has no owner yet."


def _absent(about: About) -> str:
    if not about.words.get("absent"):
        return ""
    back = about.words.get("back")
    until = f" until {moment(back, about.zone)}" if back else ""
    return f", who is {about.words['absent']}{until}"


def _due(about: About) -> str:
    if not about.words.get("due_at"):
        return ""
    return moment(about.words["due_at"], about.zone)
