"""What a notice about the kit says, for the console and for mail. Pure: names and times are given.

A rollback is told as what it is, an emergency with the instant at which it ends.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from governance.models import Signature
from lifecycle import wording
from lifecycle.kit_recipients import Part
from lifecycle.models import KitNews
from lifecycle.wording import LONGEST_SUBJECT, one_line

UNKNOWN = "somebody"


@dataclass(frozen=True, slots=True)
class About:
    """What a notice is made of. `names` are those of everybody the words speak of, by id."""

    kind: KitNews
    words: Mapping[str, Any]
    number: int
    title: str
    names: Mapping[int, str]
    zone: zoneinfo.ZoneInfo

    @property
    def asked(self) -> bool:
        """Whether the reader's signature is awaited."""
        return self.words.get("part") == Part.ASKED

    @property
    def who(self) -> str:
        """Who took the step."""
        return one_line(self.names.get(self.words.get("by") or 0, UNKNOWN))


def headline(about: About) -> str:
    """The notice in a few words, on one line."""
    version = f"Kit v{about.number}"
    text = {
        KitNews.REVIEW: f"{version} awaits your signature",
        KitNews.SIGNED: f"{version} was signed for {_party(about)}",
        KitNews.ALL_SIGNED: f"{version} has every signature it needs",
        KitNews.SCHEDULED: f"{version} is scheduled",
        KitNews.UNSCHEDULED: f"The schedule of kit v{about.number} was cancelled",
        KitNews.PUBLISHED: f"{version} is in force",
        KitNews.ROLLED_BACK: f"{version} is in force, back to v{about.words.get('restores')}",
        KitNews.EMERGENCY: f"Emergency: kit v{about.number} is in force for a while",
        KitNews.HALF_TIME: f"Emergency kit v{about.number} is still not countersigned",
        KitNews.COUNTERSIGNED: f"Emergency kit v{about.number} was countersigned",
        KitNews.REVERTED: f"Emergency kit v{about.words.get('base')} has reverted",
        KitNews.SET_BACK: f"{version} could not come into force",
        KitNews.REOPENED: f"{version} is a draft again",
        KitNews.WITHDRAWN: f"{version} was withdrawn",
    }[about.kind]
    if about.kind in (KitNews.EMERGENCY, KitNews.HALF_TIME) and about.asked:
        text += ": it awaits your signature"
    title = f" · {about.title}" if about.title else ""
    return one_line(f"{text}{title}")[:LONGEST_SUBJECT]


def sentence(about: About) -> str:
    """The notice in one or a few sentences, on one line, in the reader's zone."""
    told = _SENTENCES[about.kind](about)
    ask = " Your signature is awaited." if about.asked and about.kind is not KitNews.REVIEW else ""
    return one_line(f"{told}{_count(about)}{ask}")


def lines(about: About) -> tuple[str, ...]:
    """What the version changes, a line for each part; the last one counts what is left out."""
    shown = tuple(one_line(str(line)) for line in about.words.get("lines", ()))
    more = int(about.words.get("changes", 0)) - len(shown)
    return (*shown, f"and {more} more") if more > 0 else shown


def _count(about: About) -> str:
    if about.words.get("first"):
        return " It is the first kit." if about.kind is KitNews.REVIEW else ""
    count = int(about.words.get("changes", 0))
    base = about.words.get("base")
    if not count or base is None:
        return ""
    return f" {count} part{' differs' if count == 1 else 's differ'} from v{base}."


def _review(about: About) -> str:
    words = about.words
    restores = words.get("restores")
    if restores:
        told = f"{about.who} wants to go back to v{restores} and asks for your signature."
    elif words.get("emergency"):
        told = f"{about.who} asks for your signature on an emergency change."
    else:
        told = f"{about.who} asks for your signature."
    if words.get("when_signed"):
        told += " It comes into force with the last signature it needs."
    return f"{told}{_reason(about)}"


def _signed(about: About) -> str:
    missing = " and ".join(_label(one) for one in about.words.get("missing", ()))
    return f"{_signer(about)} signed for {_party(about)}. Still missing: {missing}."


def _all_signed(about: About) -> str:
    next_step = (
        "It comes into force now."
        if about.words.get("when_signed")
        else "It can be published or scheduled."
    )
    return f"{_signer(about)} signed for {_party(about)}, the last signature. {next_step}"


def _scheduled(about: About) -> str:
    return f"{about.who} scheduled it: it comes into force {_at(about, 'at')}."


def _unscheduled(about: About) -> str:
    return f"{about.who} cancelled its schedule; it is in review.{_why(about)}"


def _published(about: About) -> str:
    if about.words.get("by_itself"):
        return "It came into force as arranged."
    return f"{about.who} published it."


def _rolled_back(about: About) -> str:
    return f"{_published(about)} It brings the text of v{about.words.get('restores')} back."


def _emergency(about: About) -> str:
    return (
        f"{about.who} published it with one signature. "
        f"It reverts {_at(about, 'expires_at')} unless it is countersigned.{_reason(about)}"
    )


def _half_time(about: About) -> str:
    return (
        "Half of its time is over and it is not countersigned. "
        f"It reverts {_at(about, 'expires_at')} unless it is.{_reason(about)}"
    )


def _countersigned(about: About) -> str:
    return f"{_signer(about)} countersigned for {_party(about)}. It stays in force."


def _reverted(about: About) -> str:
    emergency, back = about.words.get("base"), about.words.get("restores")
    return (
        f"Nobody countersigned v{emergency} in time. v{about.number} is in force and brings the "
        f"text of v{back} back."
    )


def _set_back(about: About) -> str:
    return f"It is in review again.{_why(about)}"


def _reopened(about: About) -> str:
    return (
        f"{about.who} took it back to draft. Once it is edited, the signatures it bears no longer "
        f"count.{_why(about)}"
    )


def _withdrawn(about: About) -> str:
    return f"{about.who} gave it up; nothing is left to sign."


_SENTENCES: Mapping[KitNews, Callable[[About], str]] = {
    KitNews.REVIEW: _review,
    KitNews.SIGNED: _signed,
    KitNews.ALL_SIGNED: _all_signed,
    KitNews.SCHEDULED: _scheduled,
    KitNews.UNSCHEDULED: _unscheduled,
    KitNews.PUBLISHED: _published,
    KitNews.ROLLED_BACK: _rolled_back,
    KitNews.EMERGENCY: _emergency,
    KitNews.HALF_TIME: _half_time,
    KitNews.COUNTERSIGNED: _countersigned,
    KitNews.REVERTED: _reverted,
    KitNews.SET_BACK: _set_back,
    KitNews.REOPENED: _reopened,
    KitNews.WITHDRAWN: _withdrawn,
}


def _signer(about: About) -> str:
    principal = about.words.get("deputy_of")
    if not principal:
        return about.who
    return f"{about.who}, deputy of {one_line(about.names.get(principal, UNKNOWN))},"


def _party(about: About) -> str:
    return _label(str(about.words.get("party", "")))


def _label(party: str) -> str:
    return Signature.Party(party).label if party in Signature.Party.values else party


def _at(about: About, name: str) -> str:
    iso = about.words.get(name)
    return wording.moment(iso, about.zone) if iso else "later"


def _why(about: About) -> str:
    return _said(about.words.get("why"))


def _reason(about: About) -> str:
    return _said(about.words.get("reason"))


def _said(text: Any) -> str:
    said = one_line(str(text or ""))
    if not said:
        return ""
    return f" Why: {said}" if said[-1] in ".!?…" else f" Why: {said}."
