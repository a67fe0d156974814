"""One account: its standing, family, people and leads, deals, touchpoints and history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from core import steps
from core.texts import _, lazy
from leads import score_sql, selectors
from leads.models import (
    Account,
    AccountAlias,
    AccountMerge,
    AccountStatus,
    ExternalReference,
    Lead,
    Opportunity,
    Touch,
    TouchStatus,
)
from lifecycle import accounts as acts
from lifecycle import deal_rights, taking_over
from people.models import User
from web.console import (
    account_list,
    customer_card,
    field_words,
    partner_card,
    people_names,
    places,
    words,
)
from web.console.customer_card import CustomerCard
from web.console.partner_card import PartnerCard

LEADS, TOUCHES, CHANGES, RELATIVES = 100, 12, 12, 20
TOLD = ("name", "domain", "industry", "employees", "country", "region", "postal_code", "status",
        "owner_id", "parent_id")  # fmt: skip
LABELS = {"owner_id": "owner", "parent_id": "parent", "employees": "size",
          "postal_code": lazy("postal code")}  # fmt: skip
DID = {"+": lazy("alias added"), "-": lazy("alias removed"), "~": lazy("alias changed")}


@dataclass(frozen=True, slots=True)
class Link:
    """Another account, or the account elsewhere."""

    label: str
    url: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One lead at the account; one that the reader may not see only says who works it."""

    id: int
    name: str
    title: str
    stage: str
    owner: str
    due_at: datetime | None
    score: float
    hidden: bool


@dataclass(frozen=True, slots=True)
class Deal:
    """One opportunity of the account."""

    name: str
    url: str
    line: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Line:
    """One touchpoint or change."""

    label: str
    line: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One account."""

    head: account_list.Row
    edit_url: str
    parent: Link | None
    subsidiaries: tuple[Link, ...]
    aliases: tuple[str, ...]
    references: tuple[Link, ...]
    parts: tuple[Link, ...]
    look_alikes: tuple[Link, ...]
    customer: CustomerCard | None
    partners: PartnerCard
    members: tuple[Member, ...]
    deals: tuple[Deal, ...]
    touches: tuple[Line, ...]
    changes: tuple[Line, ...]


def load(reader: User, account_id: int) -> Account | None:
    """The account with what its page needs beside it, if the reader may see it."""
    rows = account_list.counted(selectors.accounts_visible_to(reader))
    return rows.select_related("owner", "parent").filter(pk=account_id).first()


@steps.in_steps
def build(account: Account, *, reader: User, now: datetime) -> steps.Story[AccountPage]:
    """Read and phrase everything about one account, in three messages and a few more."""
    seen = selectors.visible_to(reader).filter(account=account)
    every = Lead.objects.filter(account=account).select_related("person", "owner")
    leads = every.annotate(score=score_sql.score(now)).order_by("-created_at", "-pk")[:LEADS]
    visible, touches = seen.values_list("pk", flat=True), _touches(seen)
    deals = Opportunity.objects.filter(account=account).select_related("owner")
    deals = deals.order_by("-created_at")[:20]
    own = deal_rights.visible_to(reader).filter(account=account).values_list("pk", flat=True)
    below = account.subsidiaries.order_by("name", "pk")[:RELATIVES]
    called = account.aliases.order_by("kind", "shown").values_list("shown", flat=True)
    references = account.references.order_by("system", "value")[:20]
    parts, alike = taking_over.parts_of(account), _look_alikes(account, reader)
    customer = customer_card.of_account(account, reader, now=now)
    partners = partner_card.build(account, reader=reader, now=now)
    changes, may = _changes(account), acts.may_edit(reader)
    yield (
        leads, visible, touches, deals, own, below, called, references, parts, alike, customer,
        partners, changes,
    )  # fmt: skip
    openable, shown = set(own), set(visible)
    return AccountPage(
        head=account_list.row(account),
        edit_url=reverse("console:account-edit", args=[account.pk]) if may else "",
        parent=_link(account.parent) if account.parent else None,
        subsidiaries=tuple(map(_link, below)),
        aliases=tuple(called),
        references=tuple(map(_reference, references)),
        parts=tuple(_part(account, one) for one in parts),
        look_alikes=tuple(map(_link, alike)),
        customer=customer.found,
        partners=partners.found,
        members=tuple(_member(lead, hidden=lead.pk not in shown) for lead in leads),
        deals=tuple(_deal(deal, openable) for deal in deals),
        touches=tuple(map(_touch, touches)),
        changes=changes.found,
    )


def _link(account: Account) -> Link:
    url = reverse("console:account", args=[account.pk])
    line = " · ".join(part for part in (account.domain, places.country(account.country)) if part)
    return Link(account_list.name(account), url, line)


def _look_alikes(account: Account, reader: User) -> QuerySet[Account]:
    """Others of the same name: perhaps the same company, and what makes a name ambiguous."""
    if not account.name_key:
        return Account.objects.none()
    same = selectors.accounts_visible_to(reader).filter(name_key=account.name_key)
    return same.exclude(pk=account.pk).order_by("pk")[:RELATIVES]


def _part(account: Account, merge: AccountMerge) -> Link:
    """An account that became a part of this one, and where they are parted again."""
    was = merge.before["account"]
    name = was["name"] or was["domain"] or _("Account {loser}").format(loser=merge.loser)
    line = _("a part since {at}, by {by}: {reason}").format(
        at=f"{merge.at:%d %b %Y}", by=merge.by, reason=merge.reason
    )
    return Link(name, reverse("console:account-part", args=[account.pk, merge.pk]), line)


def _reference(row: ExternalReference) -> Link:
    return Link(f"{row.system} {row.value}", row.url)


def _member(lead: Lead, *, hidden: bool) -> Member:
    worked_by = (
        _("Worked by {owner}").format(owner=lead.owner) if lead.owner else _("Nobody works it")
    )
    return Member(
        lead.pk,
        worked_by if hidden else lead.person.name,
        "" if hidden else lead.person.title,
        lead.stage,
        str(lead.owner) if lead.owner else "",
        lead.next_due_at,
        lead.score,  # type: ignore[attr-defined]
        hidden,
    )


def _deal(deal: Opportunity, seen: set[int]) -> Deal:
    amount = f"{words.number(float(deal.amount))} {deal.currency}" if deal.amount else ""
    line = " · ".join(part for part in (str(deal.owner), amount) if part)
    tone = {"WON": "ok", "LOST": "late"}.get(deal.status, "info")
    url = reverse("console:opportunity", args=[deal.pk]) if deal.pk in seen else ""
    return Deal(deal.name, url, line, deal.get_status_display(), tone)


def _touches(leads: QuerySet[Lead]) -> QuerySet[Touch]:
    shown = Touch.objects.exclude(status=TouchStatus.WITHDRAWN)
    rows = shown.filter(lead__in=leads).select_related("lead__person")
    return rows.order_by("-occurred_at", "-pk")[:TOUCHES]


def _touch(touch: Touch) -> Line:
    who = touch.lead.person.name if touch.lead else ""
    medium = words.medium(touch.medium, touch.category)
    line = " · ".join(part for part in (who, touch.campaign or medium) if part)
    return Line(touch.get_channel_display(), line, touch.occurred_at)


@steps.in_steps
def _changes(account: Account) -> steps.Story[tuple[Line, ...]]:
    """Field history in sentences, the newest first; the first row made it.

    Names of accounts stand beside those of users, by their ids with a minus before them.
    """
    kept = account.history.order_by("-history_date", "-history_id").values(
        *TOLD, "history_date", "history_user_id", "history_change_reason", "history_type"
    )[: CHANGES + 1]
    aliases = _alias_changes(account)
    yield kept, aliases
    rows = list(kept)
    users = people_names.asked(
        [row["history_user_id"] for row in (*rows, *aliases)] + [row["owner_id"] for row in rows]
    )
    parents = Account.objects.filter(pk__in={row["parent_id"] for row in rows} - {None})
    yield users, parents
    names = users.found | {-one.pk: account_list.name(one) for one in parents}
    pairs = zip(rows, [*rows[1:], None], strict=False)  # no history, no lines
    told = [(now, _difference(now, before, names)) for now, before in pairs]
    lines = [(row["history_date"], what, _by(row, names)) for row, what in told if what]
    lines += [
        (row["history_date"], f"{DID[row['history_type']]}: {row['shown']}", _by(row, names))
        for row in aliases
    ]
    lines.sort(key=lambda line: line[0], reverse=True)
    return tuple(Line(what, by, at) for at, what, by in lines[:CHANGES])


def _difference(now: dict, before: dict | None, names: dict[int, str]) -> str:  # type: ignore[type-arg]
    if now["history_type"] == "+":
        return _("Account made")
    if before is None:
        return ""
    changed = [name for name in TOLD if now[name] != before[name]]
    return "; ".join(
        f"{LABELS.get(name, name)}: {_shown(name, before[name], names)} → "
        f"{_shown(name, now[name], names)}"
        for name in changed
    )


def _shown(name: str, value: object, names: dict[int, str]) -> str:
    if value in (None, ""):
        return "none"
    if name == "owner_id" and isinstance(value, int):
        return names.get(value, "somebody")
    if name == "parent_id" and isinstance(value, int):
        return names.get(-value, _("account {value}").format(value=value))
    return AccountStatus(str(value)).label if name == "status" else field_words.shown(name, value)


def _by(row: dict, names: dict[int, str]) -> str:  # type: ignore[type-arg]
    user, why = row["history_user_id"], row["history_change_reason"]
    who = names.get(user, "") if user else ""
    return " · ".join(part for part in (who, why) if part)


def _alias_changes(account: Account) -> QuerySet[Any, dict[str, Any]]:
    found: QuerySet[Any, dict[str, Any]] = (
        AccountAlias.history.filter(account_id=account.pk)
        .order_by("-history_date")
        .values(
            "shown", "history_date", "history_type", "history_user_id", "history_change_reason"
        )[:CHANGES]
    )
    return found
