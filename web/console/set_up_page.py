"""The first hour of a company: what there is to set up, computed from what there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from core.errors import NotAllowed
from governance.models import KitStatus, KitVersion
from people import holders, inviting, roles
from people.models import ApiKey, Invitation, Role, SetUpDismissal, Shift, User
from web.console import kit_links
from web.models import HostedForm, InboundHook, Site

REPS = roles.playing(*holders.REPS) & Q(is_active=True, is_superuser=False)
IN_SIGHT = [KitStatus.DRAFT, KitStatus.IN_REVIEW, KitStatus.SCHEDULED, KitStatus.ACTIVE]

EXAMPLES = ("demo", "contact")
"""The forms that every database begins with, to look at."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is for, where it stands, and where it is done."""

    key: str
    label: str
    why: str
    done: bool
    state: str
    url: str
    act: str


@dataclass(frozen=True, slots=True)
class SetUp:
    """All steps; `dismissed` says that the reader's home shows no card of it."""

    steps: tuple[Step, ...]
    dismissed: bool

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(one.done for one in self.steps)

    @property
    def following(self) -> Step | None:
        """The first one that is not."""
        return next((one for one in self.steps if not one.done), None)


def may_see(reader: User) -> bool:
    """RevOps, administrators and superusers set a company up."""
    return inviting.may_invite(reader)


def require(reader: User) -> None:
    """Raises NotAllowed for everybody else."""
    if not may_see(reader):
        raise NotAllowed("RevOps sets the company up.")


def card(reader: User) -> SetUp | None:
    """What the reader's home shows: nothing once all is done, or it was dismissed. One query."""
    if not may_see(reader):
        return None
    shown = build(reader)
    return None if shown.dismissed or shown.following is None else shown


def build(reader: User) -> SetUp:
    """The steps as the data say, in two queries."""
    found = _found(reader)
    return SetUp(tuple(make(found) for make in STEPS), bool(found["dismissed"]))


def _found(reader: User) -> dict[str, Any]:
    """What there is, asked of the database at once."""
    reps = User.objects.filter(REPS)
    people = User.objects.filter(is_active=True)
    asked = {
        "reps": reps,
        "off": reps.filter(~Exists(Shift.objects.filter(user=OuterRef("pk")))),
        "landless": reps.filter(holiday_country=""),
        "marketing": people.filter(roles.playing(Role.MARKETING)),
        "manager": people.filter(roles.playing(Role.MANAGER)),
        "waiting": Invitation.objects.filter(accepted_at=None, withdrawn_at=None),
        "kit": KitVersion.objects.filter(status__in=IN_SIGHT),
        "active": KitVersion.objects.filter(status=KitStatus.ACTIVE),
        "form": HostedForm.objects.exclude(key__in=EXAMPLES),
        "hook": InboundHook.objects.all(),
        "site": Site.objects.all(),
        "key": ApiKey.objects.filter(scope=ApiKey.Scope.CAPTURE, revoked_at=None),
        "used": ApiKey.objects.filter(scope=ApiKey.Scope.CAPTURE, last_used_date__isnull=False),
        "dismissed": SetUpDismissal.objects.filter(user=reader),
    }
    columns = {f"has_{name}": Exists(rows) for name, rows in asked.items()}
    row = User.objects.filter(pk=reader.pk).annotate(**columns).values(*columns).get()
    newest = (
        KitVersion.objects.filter(status__in=IN_SIGHT)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
        if row["has_kit"] and not row["has_active"]
        else None
    )
    return {name: row[f"has_{name}"] for name in asked} | {"number": newest}


def _mail(_found: dict[str, Any]) -> Step:
    sends = settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
    return Step(
        "mail", "Mail server", "Invitations, new passwords and notices go out by it.", sends,
        f"Sends through {settings.EMAIL_HOST}." if sends
        else "Mails are only printed by the worker. Set LEADGOV_EMAIL_BACKEND and "
        "LEADGOV_SMTP_HOST, then restart.",
        reverse("console:operations"), "Look at operations",
    )  # fmt: skip


def _reps(found: dict[str, Any]) -> Step:
    state = (
        "They are here." if found["reps"]
        else "Invited; nobody has come in yet." if found["waiting"]
        else "Nobody is here yet."
    )  # fmt: skip
    return Step(
        "reps", "Sales reps", "SDRs and account executives, from a list: they get the leads.",
        found["reps"], state, reverse("console:invitations"), "Invite reps",
    )  # fmt: skip


def _signers(found: dict[str, Any]) -> Step:
    lacking = [name for name, key in (("Marketing", "marketing"), ("a sales manager", "manager"))
               if not found[key]]  # fmt: skip
    return Step(
        "signers", "Who signs with you",
        "Sales and Marketing sign every change of the kit, and a manager sees to what is overdue.",
        not lacking, f"Missing: {' and '.join(lacking)}." if lacking else "Both are here.",
        reverse("console:invitations"), "Invite them",
    )  # fmt: skip


def _hours(found: dict[str, Any]) -> Step:
    done = found["reps"] and not found["off"]
    return Step(
        "hours", "Time zones and working hours",
        "Nobody gets a lead outside their hours, and who has none gets none at all.", done,
        "Every rep has hours." if done
        else "Some reps have no hours yet." if found["reps"] else "After the reps are here.",
        reverse("admin:people_user_changelist"), "Look at people",
    )  # fmt: skip


def _holidays(found: dict[str, Any]) -> Step:
    done = found["reps"] and not found["landless"]
    return Step(
        "holidays", "Calendars and holidays",
        "The country of each rep gives their public holidays; the kit's calendars those of clocks.",
        done,
        "Every rep has a country." if done
        else "Some reps have no country of holidays." if found["reps"]
        else "After the reps are here.",
        reverse("admin:people_user_changelist"), "Set countries",
    )  # fmt: skip


def _customer(found: dict[str, Any]) -> Step:
    return Step(
        "customer", "Your ideal customer",
        "A few questions make a draft of the kit: whom you sell to, and a playbook around it.",
        found["kit"], "There is a kit." if found["kit"] else "There is no kit yet.",
        reverse("console:set-up-customer"), "Answer the questions",
    )  # fmt: skip


def _publish(found: dict[str, Any]) -> Step:
    number = found["number"]
    url = kit_links.url("kit-version", number) if number else reverse("console:kit")
    return Step(
        "publish", "Review and publish the kit",
        "Until one is in force, leads are kept but neither routed nor timed. One signature is "
        "enough for the first.",
        found["active"],
        "A kit is in force." if found["active"]
        else f"Version {number} waits for you." if number else "After the questions.",
        url, "Open the draft" if number else "Open the kit",
    )  # fmt: skip


def _doors(found: dict[str, Any]) -> Step:
    kinds = (("a form", "form"), ("a webhook", "hook"), ("a website", "site"))
    there = [name for name, key in kinds if found[key]]
    return Step(
        "doors", "Channels and sources",
        "A form for your website, a webhook of another system, or the behaviour on your pages.",
        bool(there), f"There is {' and '.join(there)}." if there else "Nothing is connected yet.",
        reverse("admin:web_hostedform_changelist"), "Make a form",
    )  # fmt: skip


def _key(found: dict[str, Any]) -> Step:
    return Step(
        "key", "First capture key", "With it your systems hand leads over by the API.",
        found["key"],
        ("It was used already." if found["used"] else "Made, and not used yet.")
        if found["key"] else "There is none yet.",
        reverse("console:set-up-key"), "Make a key",
    )  # fmt: skip


STEPS: tuple[Callable[[dict[str, Any]], Step], ...] = (
    _mail, _reps, _signers, _hours, _holidays, _customer, _publish, _doors, _key,
)  # fmt: skip


def dismiss(reader: User, *, now: datetime) -> None:
    """No card on this reader's home any more; the page stays."""
    SetUpDismissal.objects.get_or_create(user=reader, defaults={"at": now})
