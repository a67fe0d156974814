"""The columns that the list of leads can have, on its page and in what is exported from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from core.texts import _, lazy
from leads.models import Lead
from people.models import User
from reports.declaration import Value
from web.models import ListColumns


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in addresses, its heading, and its cell of a lead in an export.

    Leads come with `person`, `account`, `owner` and `score`.
    """

    key: str
    label: str
    value: Callable[[Lead], Value]

    @property
    def heading(self) -> str:
        """Its heading on the page, which says some times as so long ago, or in so long."""
        shown = {
            "due": _("Next due"),
            "created": _("Came in"),
            "value": _("Potential value ({currency})").format(currency=settings.BASE_CURRENCY),
        }
        return shown.get(self.key, self.label)


def _of_company(name: str) -> Callable[[Lead], Value]:
    return lambda lead: getattr(lead.account, name) or "" if lead.account else ""


def _instant(name: str) -> Callable[[Lead], Value]:
    def cell(lead: Lead) -> str:
        at: datetime | None = getattr(lead, name)
        return f"{at:%Y-%m-%d %H:%M}" if at else ""

    return cell


ALL = (
    Column("id", lazy("Lead"), lambda lead: lead.pk),
    Column("name", lazy("Name"), lambda lead: lead.person.name),
    Column("title", lazy("Job title"), lambda lead: lead.person.title),
    Column("email", lazy("E-mail"), lambda lead: lead.person.email),
    Column("phone", lazy("Phone"), lambda lead: lead.person.phone),
    Column("company", lazy("Company"), _of_company("name")),
    Column("domain", lazy("Domain"), _of_company("domain")),
    Column(
        "country", lazy("Country"), lambda lead: _of_company("country")(lead) or lead.person.country
    ),
    Column("stage", lazy("Stage"), lambda lead: lead.stage),
    Column("owner", lazy("Owner"), lambda lead: str(lead.owner) if lead.owner else ""),
    Column("queue", lazy("Queue"), lambda lead: lead.queue),
    Column("score", lazy("Score"), lambda lead: round(lead.score, 1)),  # type: ignore[attr-defined]
    Column("channel", lazy("Channel"), lambda lead: lead.get_channel_display()),
    Column("source", lazy("Source"), lambda lead: lead.get_category_display()),
    Column("campaign", lazy("Campaign"), lambda lead: lead.campaign),
    Column("due", lazy("Next due (UTC)"), _instant("next_due_at")),
    Column("created", lazy("Came in (UTC)"), _instant("created_at")),
    Column(
        "value",
        f"Potential value ({settings.BASE_CURRENCY})",
        lambda lead: "" if lead.potential_value is None else str(lead.potential_value),
    ),
    Column("industry", lazy("Industry"), _of_company("industry")),
    Column("employees", lazy("Employees"), _of_company("employees")),
    Column("band", lazy("Band"), lambda lead: lead.band),
    Column("reason", lazy("Reason"), lambda lead: lead.reason),
    Column("entered", lazy("At this stage since (UTC)"), _instant("entered_stage_at")),
    Column("touched", lazy("Last touchpoint (UTC)"), _instant("last_touch_at")),
)
BY_KEY = {column.key: column for column in ALL}
SHOWN = ("name", "company", "stage", "owner", "due", "score", "channel", "created")
"""What the page shows to who chose nothing."""
EXPORTED = tuple(column.key for column in ALL[:18])
"""What is exported where nothing was chosen."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One column as the form offers it; `place` is empty for one that is not shown."""

    key: str
    label: str
    place: str


def read(text: str) -> tuple[str, ...]:
    """The columns named in an address, in their order; unknown ones are left out."""
    return tuple(dict.fromkeys(key for key in text.split(",") if key in BY_KEY))


def of(reader: User) -> tuple[str, ...]:
    """What this person chose; empty where nothing."""
    kept = ListColumns.objects.filter(user=reader).values_list("columns", flat=True).first()
    return read(",".join(kept or ()))


def keep(reader: User, keys: tuple[str, ...]) -> None:
    """Keep the choice for every later visit; nothing chosen is the default again."""
    if keys:
        ListColumns.objects.update_or_create(user=reader, defaults={"columns": list(keys)})
    else:
        ListColumns.objects.filter(user=reader).delete()


def sent(places: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The columns as the form sends them: key and place. Those without a number are not shown."""
    numbered = [
        (int(place), key)
        for key, place in places
        if key in BY_KEY and place.isascii() and place.isdigit() and len(place) < 4
    ]
    order = list(BY_KEY)
    return tuple(
        key for _rest, key in sorted(numbered, key=lambda one: (one[0], order.index(one[1])))
    )


def choices(keys: tuple[str, ...]) -> tuple[Choice, ...]:
    """Every column for the form: those that are shown first, in their order."""
    rest = [key for key in BY_KEY if key not in keys]
    return tuple(
        Choice(key, BY_KEY[key].heading, str(keys.index(key) + 1) if key in keys else "")
        for key in (*keys, *rest)
    )
