"""Which acts a page offers on a version. Only an offer: the service itself decides who may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from core.texts import _
from governance import signing
from governance.models import KitStatus, Signature
from web.console import kit_links
from web.console.version_case import Case


@dataclass(frozen=True, slots=True)
class Act:
    """One act as a link to its form."""

    name: str
    label: str
    url: str
    primary: bool = False
    danger: bool = False


def offer(case: Case) -> tuple[Act, ...]:
    """The acts for this reader on this version: what comes next first, what is rare last."""
    offered = sorted(_offered(case), key=lambda one: one[0] in LAST)
    return tuple(
        Act(name, label, _url(case, name, query), place == 0 and name in NEXT, name in DANGER)
        for place, (name, label, query) in enumerate(offered)
    )


def _url(case: Case, name: str, query: dict[str, str]) -> str:
    url = kit_links.url("kit-version-act", case.version.number, name)
    return f"{url}?{urlencode(query)}" if query else url


Offered = tuple[str, str, dict[str, str]]
NEXT = frozenset({"submit", "sign", "publish", "rebase"})
LAST = frozenset({"submit-emergency", "publish-emergency", "rollback", "withdraw"})
DANGER = LAST - {"submit-emergency"}


def _offered(case: Case) -> Iterator[Offered]:
    for party in case.may_sign():
        verb = _("Countersign") if case.is_emergency else _("Sign")
        yield "sign", f"{verb} {for_party(party)}", {"party": party}
    writes, works = signing.may_write(case.reader), signing.works_on_kits(case.reader)
    if writes and case.is_stale:
        yield "rebase", _("Rebase onto the active version"), {}
    if works:
        yield from _of_status(case)
    if writes:
        if case.version.status == KitStatus.DRAFT:
            yield "describe", _("Title and notes"), {}
        yield "clone", _("New draft from this"), {}


def for_party(party: str) -> str:
    """“for Marketing”, “as approver”."""
    if party == Signature.Party.APPROVER:
        return _("as approver")
    return _("for {label}").format(label=Signature.Party(party).label)


def _of_status(case: Case) -> Iterator[Offered]:
    status = case.version.status
    if status == KitStatus.DRAFT:
        yield from _of_draft(case)
    elif status == KitStatus.IN_REVIEW:
        yield from _of_review(case)
    elif status == KitStatus.SCHEDULED:
        yield "publish", _("Publish now"), {}
        yield "unschedule", _("Cancel the schedule"), {}
        yield "reopen", _("Back to draft"), {}
    elif status == KitStatus.ACTIVE:
        base = case.version.base
        if base is not None and base.published_at is not None:
            yield "rollback", _("Roll back to v{number}").format(number=base.number), {}
    elif status == KitStatus.RETIRED:
        yield "rollback", _("Bring v{number} back").format(number=case.version.number), {}
    if case.is_open:
        yield "withdraw", _("Withdraw"), {}


def _of_draft(case: Case) -> Iterator[Offered]:
    if case.is_stale or case.errors:
        return
    if case.is_simulated or not case.needs_simulation:
        yield "submit", _("Submit for review"), {}
    if case.active is not None and case.read.changes:
        yield "submit-emergency", _("Submit as an emergency"), {}


def _of_review(case: Case) -> Iterator[Offered]:
    consent = case.read.consent
    if not case.is_stale and not case.read.was_edited:
        if consent.is_given:
            yield "publish", _("Publish now"), {}
            yield "schedule", _("Schedule"), {}
        elif consent.one_signed and case.active is not None:
            yield "publish-emergency", _("Publish as an emergency"), {}
    yield "reopen", _("Back to draft"), {}
