"""What a notice about two partners and one company says, for the console and for mail. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from leads.models import PartnerRegistration
from lifecycle.models import Notice, PartnerNews
from lifecycle.wording import LONGEST_SUBJECT, one_line

DECIDED = {
    "KEPT_FIRST": "It stays with {first}.",
    "GIVEN_TO_SECOND": "It is given to {second}.",
    "DISMISSED": "{second} has no claim to it.",
}


@dataclass(frozen=True, slots=True)
class About:
    """Whom a notice is about; `state` is what was decided when it was written."""

    kind: PartnerNews
    company: str
    first: str
    second: str
    state: str


def headline(about: About) -> str:
    """The notice in a few words, on one line."""
    what = "Decided" if about.kind is PartnerNews.SETTLED else "Two partners, one company"
    return one_line(f"{what}: {about.company}")[:LONGEST_SUBJECT]


def sentence(about: About) -> str:
    """The notice in one or two sentences."""
    first, second = one_line(about.first), one_line(about.second)
    company = one_line(about.company)
    told = f"{second} claims {company}, which {first} has registered."
    if about.kind is not PartnerNews.SETTLED:
        return f"{told} RevOps or a manager decides."
    return f"{told} {DECIDED[about.state].format(first=first, second=second)}"


def about(notice: Notice) -> About:
    """Of a notice that was read with its conflict, registration, partners and company."""
    conflict = notice.conflict
    if conflict is None:
        raise ValueError(f"notice {notice.pk} is about no conflict")
    registration = conflict.registration
    return About(
        kind=PartnerNews(notice.kind),
        company=registration.account.called,
        first=registration.partner.called,
        second=conflict.claimant.called if conflict.claimant else conflict.claimant_name,
        state=str(notice.words.get("state", "")),
    )


def expiry_headline(notice: Notice) -> str:
    """That a registration runs out, in a few words."""
    return one_line(f"Runs out soon: {_registration(notice).account.called}")[:LONGEST_SUBJECT]


def expiry_sentence(notice: Notice) -> str:
    """The same in a sentence."""
    row = _registration(notice)
    company, partner = one_line(row.account.called), one_line(row.partner.called)
    end = dt.datetime.fromisoformat(str(notice.words["until"]))
    return f"{partner} has registered {company} until {end:%d %b %Y}. Extend it, or let it run out."


def _registration(notice: Notice) -> PartnerRegistration:
    if notice.registration is None:
        raise ValueError(f"notice {notice.pk} is about no registration")
    return notice.registration


BESIDE = (
    "registration__account",
    "registration__partner",
    "conflict__registration__account",
    "conflict__registration__partner",
    "conflict__claimant",
)
"""What a notice is read with."""
