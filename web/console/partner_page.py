"""Conflicts between partners: the queue, and one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from core.errors import NotAllowed
from core.texts import _
from governance import selectors as kits
from leads import selectors
from leads.models import (
    Account,
    AccountStatus,
    PartnerConflict,
    PartnerExtension,
    PartnerRegistration,
)
from lifecycle import partner_extending, partner_rights, partnering
from people.models import User
from web.console import account_list, partner_card, words
from web.console.lead_list import Filter, Option

PAGE = 50
COUNTED = 1_000
ANY = "ALL"
State = PartnerConflict.State
BESIDE = (
    "registration__account", "registration__partner__owner", "registration__registered_by",
    "claimant__owner", "claimed_by", "decided_by", "touch",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Party:
    """One of the two partners, and who looks after it."""

    name: str
    url: str
    manager: str


@dataclass(frozen=True, slots=True)
class Row:
    """One conflict."""

    id: int
    url: str
    company: str
    company_url: str
    first: Party
    second: Party
    since: str
    state: str
    tone: str
    decided: str


@dataclass(frozen=True, slots=True)
class ConflictList:
    """One page of the queue."""

    rows: tuple[Row, ...]
    filters: tuple[Filter, ...]
    about: str
    count_words: str
    is_filtered: bool
    problems: tuple[str, ...]
    next_url: str


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """One conflict, and what can be done about it."""

    row: Row
    facts: tuple[tuple[str, str], ...]
    lead_url: str
    may_decide: bool
    undo_url: str


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension; `undo_url` is empty where it cannot be taken back."""

    told: str
    line: str
    undo_url: str


@dataclass(frozen=True, slots=True)
class ExtendPage:
    """A registration that may be extended, and what was extended before."""

    company: str
    back_url: str
    partner: str
    until: str
    state: str
    tone: str
    in_force: bool
    before: tuple[Extension, ...]


def build(reader: User, query: Mapping[str, str], *, now: datetime) -> ConflictList:
    """One page, oldest of the open ones last. Raises NotAllowed for whom it does not concern."""
    _require(reader)
    rows, problems = partner_rights.conflicts_visible_to(reader), []
    state = query.get("state", "") or State.OPEN.value
    if state not in (*State.values, ANY):
        problems.append(
            _("Status: there is no “{state}”; pick one from the list.").format(state=state[:40])
        )
    elif state != ANY:
        rows = rows.filter(state=state)
    account, fault = _account(query.get("account", ""))
    problems += [fault] if fault else []
    rows = partner_card.about(rows, account.pk) if account is not None else rows
    after = query.get("after", "")
    if after and not _is_number(after):
        problems.append(_("Page: use the links below the list; this address is not one of them."))
    rows = rows.none() if problems else rows
    page = rows.filter(pk__lt=int(after)) if after and not problems else rows
    found = list(page.select_related(*BESIDE).defer("touch__payload").order_by("-pk")[: PAGE + 1])
    given = {key: query[key] for key in ("state", "account") if query.get(key)}
    last = found[PAGE - 1].pk if len(found) > PAGE else None
    return ConflictList(
        rows=tuple(_row(one, now) for one in found[:PAGE]),
        filters=(_filter(state),),
        about=account_list.name(account) if account is not None else "",
        count_words=_count(rows),
        is_filtered=bool(given),
        problems=tuple(problems),
        next_url=f"?{urlencode({**given, 'after': last})}" if last else "",
    )


def seen(reader: User, conflict_id: int) -> PartnerConflict | None:
    """The conflict, if the reader may see it."""
    rows = partner_rights.conflicts_visible_to(reader).select_related(*BESIDE)
    return rows.defer("touch__payload").filter(pk=conflict_id).first()


def show(conflict: PartnerConflict, reader: User, *, now: datetime) -> ConflictPage:
    """One conflict in words."""
    first, touch = conflict.registration, conflict.touch
    word, _rest = partner_card.tone(first, now)
    by = str(conflict.claimed_by) if conflict.claimed_by else _("a touchpoint")
    facts = [
        (
            _("Registered"),
            _("{from_at} to {over_at}: {word}").format(
                from_at=f"{first.from_at:%d %b %Y}",
                over_at=f"{first.over_at:%d %b %Y}",
                word=word.lower(),
            ),
        ),
        (_("Registered by"), str(first.registered_by)),
        (_("Its note"), first.note),
        (
            _("Claimed"),
            _("{opened_at} UTC, by {by}").format(
                opened_at=f"{conflict.opened_at:%d %b %Y, %H:%M}", by=by
            ),
        ),
        (_("The claim"), conflict.claim),
        (_("Reason of the decision"), conflict.reason),
    ]
    may = partner_rights.may_decide_between(reader, conflict)
    until = partnering.undoable_until(conflict, kits.active_kit().general.undo)
    undo = may and until is not None and now <= until
    return ConflictPage(
        row=_row(conflict, now),
        facts=tuple((label, text) for label, text in facts if text),
        lead_url=reverse("console:lead", args=[touch.lead_id]) if touch and touch.lead_id else "",
        may_decide=may and conflict.state == State.OPEN,
        undo_url=reverse("console:partner-undo", args=[conflict.pk]) if undo else "",
    )


def registration(reader: User, registration_id: int) -> PartnerRegistration | None:
    """The registration, if the reader may see it. Raises NotAllowed for who may not change it."""
    rows = partner_rights.registrations_visible_to(reader)
    found = rows.select_related("account", "partner").filter(pk=registration_id).first()
    if found is not None:
        partner_rights.require_registrar(reader, found.partner)
    return found


def back_url(row: PartnerRegistration, reader: User) -> str:
    """The company's page; the partner's for who may not see the company."""
    seen = selectors.accounts_visible_to(reader).filter(pk=row.account_id).exists()
    return reverse("console:account", args=[row.account_id if seen else row.partner_id])


def extending(row: PartnerRegistration, reader: User, *, now: datetime) -> ExtendPage:
    """A registration, and how it was extended before. Two queries."""
    undo = kits.active_kit().general.undo
    beside = row.extensions.select_related("extended_by", "undone_by").order_by("-pk")
    word, tone = partner_card.tone(row, now)
    return ExtendPage(
        company=account_list.name(row.account),
        back_url=back_url(row, reader),
        partner=account_list.name(row.partner),
        until=partner_card.last_day(row.until_at, reader.zone),
        state=word,
        tone=tone,
        in_force=word == partner_card.IN_FORCE,
        before=tuple(_extension(one, row, reader, undo=undo, now=now) for one in beside),
    )


def _extension(
    one: PartnerExtension,
    row: PartnerRegistration,
    reader: User,
    *,
    undo: timedelta,
    now: datetime,
) -> Extension:
    may = one.extended_by_id == reader.pk or partner_rights.may_decide(reader)
    stands = one.undone_at is None and one.until_after == row.until_at
    may = may and stands and now <= partner_extending.undoable_until(one, undo)
    after, old = (
        partner_card.last_day(at, reader.zone) for at in (one.until_after, one.until_before)
    )
    undone = (
        _("taken back by {undone_by}").format(undone_by=one.undone_by)
        if one.undone_at is not None
        else ""
    )
    by = _("{ago} by {extended_by}").format(
        ago=words.ago(one.extended_at, now=now), extended_by=one.extended_by
    )
    return Extension(
        told=_("Until {after}, before until {old}").format(after=after, old=old),
        line=" · ".join(part for part in (by, one.reason, undone) if part),
        undo_url=reverse("console:partner-extension-undo", args=[one.pk]) if may else "",
    )


def require_registrar(reader: User, account: Account) -> None:
    """On a partner's page who looks after it, on a company's who looks after any partner."""
    if account.status == AccountStatus.PARTNER:
        partner_rights.require_registrar(reader, account)
    else:
        _require(reader)


def tell(request: HttpRequest, done: partnering.Claimed) -> None:
    """The toast after a registration, or after a claim that came second."""
    if done.registration is not None:
        until = f"{done.registration.until_at:%d %b %Y}"
        partner = done.registration.partner.called
        messages.success(
            request,
            _("Registered for {partner} until {until}.").format(partner=partner, until=until),
        )
        return
    if done.conflict is not None:
        first = done.conflict.registration.partner.called
        text = _(
            "{first} has registered it already. A conflict is open: RevOps or a manager decides."
        ).format(first=first)
        messages.warning(request, text)


def _require(reader: User) -> None:
    if not partner_rights.may_review(reader):
        raise NotAllowed(_("Only RevOps, managers and who looks after a partner see these."))


def _account(text: str) -> tuple[Account | None, str]:
    if not text:
        return None, ""
    found = Account.objects.filter(pk=int(text)).first() if _is_number(text) else None
    return found, "" if found else _("Account: there is none of this number.")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _row(one: PartnerConflict, now: datetime) -> Row:
    first, company = one.registration.partner, one.registration.account
    decided = ""
    if one.decided_at is not None:
        decided = _("{ago} by {decided_by}").format(
            ago=words.ago(one.decided_at, now=now), decided_by=one.decided_by
        )
    return Row(
        id=one.pk,
        url=reverse("console:partner-conflict", args=[one.pk]),
        company=account_list.name(company),
        company_url=reverse("console:account", args=[company.pk]),
        first=_party(first, ""),
        second=_party(one.claimant, one.claimant_name),
        since=words.ago(one.opened_at, now=now),
        state=one.get_state_display(),
        tone="warn" if one.state == State.OPEN else "",
        decided=decided,
    )


def _party(partner: Account | None, name: str) -> Party:
    if partner is None:
        return Party(name, "", _("no partner we know"))
    manager = (
        _("looked after by {owner}").format(owner=partner.owner)
        if partner.owner
        else _("nobody looks after it")
    )
    url = reverse("console:account", args=[partner.pk])
    return Party(account_list.name(partner), url, manager)


def _filter(state: str) -> Filter:
    choices = [*State.choices, (ANY, _("All"))]
    options = tuple(Option(key, str(word), key == state) for key, word in choices)
    return Filter("state", _("Status"), "", options)


def _count(rows: QuerySet[PartnerConflict]) -> str:
    count = rows.order_by()[: COUNTED + 1].count()
    shown = f"{COUNTED:,}+" if count > COUNTED else f"{count:,}"
    return _("{shown} {words}, newest first").format(
        shown=shown, words=_("conflict") if count == 1 else _("conflicts")
    )
