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
from core.texts import _
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
        raise NotAllowed(_("RevOps sets the company up."))


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
        "mail",
        _("Mail server"),
        _("Invitations, new passwords and notices go out by it."),
        sends,
        _("Sends through {EMAIL_HOST}.").format(EMAIL_HOST=settings.EMAIL_HOST)
        if sends
        else _(
            "Mails are only printed by the worker. Set LEADGOV_EMAIL_BACKEND and "
            "LEADGOV_SMTP_HOST, then restart."
        ),
        reverse("console:operations"),
        _("Look at operations"),
    )


def _reps(found: dict[str, Any]) -> Step:
    state = (
        _("They are here.")
        if found["reps"]
        else _("Invited; nobody has come in yet.")
        if found["waiting"]
        else _("Nobody is here yet.")
    )
    return Step(
        "reps", _("Sales reps"), _("SDRs and account executives, from a list: they get the leads."),
        found["reps"], state, reverse("console:invitations"), _("Invite reps"),
    )  # fmt: skip


def _signers(found: dict[str, Any]) -> Step:
    lacking = [
        name
        for name, key in ((_("Marketing"), "marketing"), (_("a sales manager"), "manager"))
        if not found[key]
    ]
    return Step(
        "signers",
        _("Who signs with you"),
        _(
            "Sales and Marketing sign every change of the kit, and a manager sees to "
            "what is overdue."
        ),
        not lacking,
        _("Missing: {lacking}.").format(lacking=" and ".join(lacking))
        if lacking
        else _("Both are here."),
        reverse("console:invitations"),
        _("Invite them"),
    )


def _hours(found: dict[str, Any]) -> Step:
    done = found["reps"] and not found["off"]
    return Step(
        "hours", _("Time zones and working hours"),
        _("Nobody gets a lead outside their hours, and who has none gets none at all."), done,
        _("Every rep has hours.") if done
        else _("Some reps have no hours yet.") if found["reps"] else _("After the reps are here."),
        reverse("admin:people_user_changelist"), _("Look at people"),
    )  # fmt: skip


def _holidays(found: dict[str, Any]) -> Step:
    done = found["reps"] and not found["landless"]
    return Step(
        "holidays",
        _("Calendars and holidays"),
        _(
            "The country of each rep gives their public holidays; the kit's calendars "
            "those of clocks."
        ),
        done,
        _("Every rep has a country.")
        if done
        else _("Some reps have no country of holidays.")
        if found["reps"]
        else _("After the reps are here."),
        reverse("admin:people_user_changelist"),
        _("Set countries"),
    )


def _customer(found: dict[str, Any]) -> Step:
    return Step(
        "customer",
        _("Your ideal customer"),
        _("A few questions make a draft of the kit: whom you sell to, and a playbook around it."),
        found["kit"],
        _("There is a kit.") if found["kit"] else _("There is no kit yet."),
        reverse("console:set-up-customer"),
        _("Answer the questions"),
    )


def _publish(found: dict[str, Any]) -> Step:
    number = found["number"]
    url = kit_links.url("kit-version", number) if number else reverse("console:kit")
    return Step(
        "publish",
        _("Review and publish the kit"),
        _(
            "Until one is in force, leads are kept but neither routed nor timed. One "
            "signature is enough for the first."
        ),
        found["active"],
        _("A kit is in force.")
        if found["active"]
        else _("Version {number} waits for you.").format(number=number)
        if number
        else _("After the questions."),
        url,
        _("Open the draft") if number else _("Open the kit"),
    )


def _doors(found: dict[str, Any]) -> Step:
    kinds = ((_("a form"), "form"), (_("a webhook"), "hook"), (_("a website"), "site"))
    there = [name for name, key in kinds if found[key]]
    return Step(
        "doors",
        _("Channels and sources"),
        _("A form for your website, a webhook of another system, or the behaviour on your pages."),
        bool(there),
        _("There is {there}.").format(there=" and ".join(there))
        if there
        else _("Nothing is connected yet."),
        reverse("admin:web_hostedform_changelist"),
        _("Make a form"),
    )


def _key(found: dict[str, Any]) -> Step:
    return Step(
        "key", _("First capture key"), _("With it your systems hand leads over by the API."),
        found["key"],
        (_("It was used already.") if found["used"] else _("Made, and not used yet."))
        if found["key"] else _("There is none yet."),
        reverse("console:set-up-key"), _("Make a key"),
    )  # fmt: skip


STEPS: tuple[Callable[[dict[str, Any]], Step], ...] = (
    _mail, _reps, _signers, _hours, _holidays, _customer, _publish, _doors, _key,
)  # fmt: skip


def dismiss(reader: User, *, now: datetime) -> None:
    """No card on this reader's home any more; the page stays."""
    SetUpDismissal.objects.get_or_create(user=reader, defaults={"at": now})
