"""People of the company: who they are, which team, when they work, and the keys of machines.

People are deactivated, never deleted. What changes weekly (shifts, leave) is people data, not kit.
"""

from __future__ import annotations

import zoneinfo

import pgtrigger
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, validate_email
from django.db import models
from knox.models import AbstractAuthToken

from core import history, zones
from core.texts import lazy
from people.told import PeopleFigures, Visibility


def validate_zone(value: str) -> None:
    """Refuse names that the time zone database does not know."""
    if not zones.is_known(value):
        raise ValidationError(
            "“%(value)s” is no known time zone; use a name such as Europe/Berlin.",
            params={"value": value},
        )


class Role(models.TextChoices):
    """What somebody does here; it decides what they see and may do. `docs/access.md` tells all."""

    SDR = "SDR", "SDR"
    AE = "AE", "Account executive"
    MANAGER = "MANAGER", "Sales manager"
    MARKETING = "MARKETING", "Marketing"
    REVOPS = "REVOPS", "RevOps"
    FINANCE = "FINANCE", "Finance"
    CUSTOMER_SUCCESS = "CUSTOMER_SUCCESS", "Customer success"
    PARTNER_MANAGER = "PARTNER_MANAGER", "Partner manager"
    AUDITOR = "AUDITOR", "Auditor"
    ADMIN = "ADMIN", "Administrator"
    SERVICE = "SERVICE", "Service (machine)"


FURTHER = tuple(role for role in Role if role != Role.SERVICE)
"""Roles that somebody can have beside their main one: a machine is nothing else."""


# Two who set parents at once wait for each other, so that no circle can close.
_NO_CIRCLE = """
    PERFORM pg_advisory_xact_lock(hashtext('people_team.parent'));
    IF EXISTS (
        WITH RECURSIVE above(id) AS (
            SELECT NEW.parent_id
            UNION
            SELECT t.parent_id FROM people_team t JOIN above a ON t.id = a.id
             WHERE t.parent_id IS NOT NULL)
        SELECT 1 FROM above WHERE id = NEW.id)
    THEN
        RAISE EXCEPTION 'team % would stand above itself', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


class Team(models.Model):
    """A group of reps under one manager; it may be part of a larger one."""

    name = models.CharField(max_length=80, unique=True)
    manager = models.ForeignKey(
        "people.User", null=True, blank=True, on_delete=models.PROTECT, related_name="managed_teams"
    )
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="parts",
        verbose_name="part of",
        help_text="The larger team: its manager, and those above, lead this one too.",
    )
    history = history.records()

    class Meta:
        triggers = [
            pgtrigger.Trigger(
                name="no_team_above_itself",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(new__parent__isnull=False),
                func=_NO_CIRCLE,
            )
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):  # type: ignore[django-manager-missing]
    """A person who logs in, or a service user that a machine's key belongs to."""

    email = models.EmailField("e-mail", unique=True)
    role = models.CharField("main role", max_length=20, choices=Role, default=Role.SDR)
    further_roles = ArrayField(
        models.CharField(max_length=20),
        default=list,
        db_default=[],
        blank=True,
        help_text="They see and may do what any of their roles allows.",
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.PROTECT, related_name="members"
    )
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    holiday_country = models.CharField(
        max_length=2, blank=True, help_text="ISO code; public holidays there are days off."
    )
    holiday_subdivision = models.CharField(max_length=8, blank=True)
    away_until = models.DateTimeField(
        null=True, blank=True, help_text="Gets no new leads until then."
    )
    backup = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="backup_of",
        help_text="Who takes leads over that escalate to a backup.",
    )
    languages = ArrayField(
        models.CharField(max_length=8),
        default=list,
        blank=True,
        help_text="ISO codes such as de, fr: what they speak with buyers, beside English.",
    )
    slack_id = models.CharField(
        "Slack member id",
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^[UW][A-Z0-9]{5,18}\Z", "Copy the member id: U or W …")],
        help_text="By which messages in Slack call this person; in their profile there.",
    )
    teams_id = models.CharField(
        "Teams user name",
        max_length=200,
        blank=True,
        validators=[validate_email],
        help_text="By which messages in Teams call this person: how they sign in there.",
    )
    mail_token = models.CharField(
        max_length=24,
        blank=True,
        editable=False,
        help_text="In the address to which blind copies of mails go; empty until asked for.",
    )
    history = history.records(excluded=("password", "last_login", "mail_token"))

    REQUIRED_FIELDS = ["email"]

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="user_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(further_roles__contained_by=list(FURTHER))
                & ~models.Q(further_roles__contains=[models.F("role")])
                & (~models.Q(role=Role.SERVICE) | models.Q(further_roles=[])),
                name="user_further_roles_known",
            ),
            models.UniqueConstraint(
                fields=["mail_token"],
                condition=~models.Q(mail_token=""),
                name="mail_token_names_one",
            ),
            models.CheckConstraint(
                condition=~models.Q(backup=models.F("id")), name="nobody_is_their_own_backup"
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def roles(self) -> tuple[Role, ...]:
        """All their roles, the main one first."""
        return (Role(self.role), *map(Role, self.further_roles))

    @property
    def roles_in_words(self) -> str:
        """All their roles as pages name them."""
        return ", ".join(role.label for role in self.roles)

    def plays(self, *roles: str) -> bool:
        """Whether they have any of these roles, as the main one or beside it."""
        return self.role in roles or any(one in roles for one in self.further_roles)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone times are shown in to this person."""
        return zoneinfo.ZoneInfo(self.time_zone)


class AccessSettings(models.Model):
    """What holds for the whole company; one row, and without it the defaults."""

    visibility = models.CharField(max_length=10, choices=Visibility, default=Visibility.TEAM_TREE)
    people_figures = models.CharField(
        "figures of single people",
        max_length=10,
        choices=PeopleFigures,
        default=PeopleFigures.SELF,
        help_text="In reports and KPIs: who is told them by name.",
    )
    history = history.records()

    class Meta:
        verbose_name_plural = "access settings"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_access_settings"),
            models.CheckConstraint(
                condition=models.Q(visibility__in=Visibility.values), name="visibility_known"
            ),
            models.CheckConstraint(
                condition=models.Q(people_figures__in=PeopleFigures.values),
                name="people_figures_known",
            ),
        ]

    def __str__(self) -> str:
        return "Who sees what"


class Shift(models.Model):
    """One working interval on one weekday, in the person's own zone. Several a day are usual."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0
        TUESDAY = 1
        WEDNESDAY = 2
        THURSDAY = 3
        FRIDAY = 4
        SATURDAY = 5
        SUNDAY = 6

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="shifts")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    starts = models.TimeField()
    ends = models.TimeField(help_text="00:00 means midnight at the end of the day.")
    history = history.records()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "weekday", "starts"], name="one_shift_per_start"
            ),
            models.CheckConstraint(
                condition=models.Q(weekday__range=(0, 6)), name="shift_weekday_known"
            ),
        ]

    def __str__(self) -> str:
        ends = f"{self.ends:%H:%M}".replace("00:00", "24:00")
        return f"{self.get_weekday_display()} {self.starts:%H:%M}-{ends}"


class Leave(models.Model):
    """Time away: nobody on leave is picked. Half open, UTC.

    What a calendar brought is changed and removed by that calendar alone; `uid` is its event there.
    """

    class Source(models.TextChoices):
        TYPED = "TYPED", "Entered here"
        CALENDAR = "CALENDAR", "From the calendar"
        UPLOAD = "UPLOAD", "From an uploaded file"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="leaves")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=8, choices=Source, default=Source.TYPED, editable=False)
    uid = models.CharField(max_length=64, blank=True, editable=False)
    history = history.records()

    class Meta:
        verbose_name_plural = "leave"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="leave_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=["TYPED", "CALENDAR", "UPLOAD"]),
                name="leave_source_known",
            ),
            models.UniqueConstraint(
                fields=["user", "source", "uid"],
                condition=~models.Q(uid=""),
                name="leave_once_per_event",
            ),
        ]
        indexes = [models.Index(fields=["user", "ends_at"], name="leave_by_user_and_end")]

    def __str__(self) -> str:
        return f"{self.user} {self.starts_at:%Y-%m-%d}-{self.ends_at:%Y-%m-%d}"


class CalendarFeed(models.Model):
    """Somebody's calendar behind an address, read again and again for their absences.

    The address is as good as a key to the calendar, so it is stored encrypted and never shown.
    """

    class Counts(models.TextChoices):
        WORDS = "WORDS", lazy("Days off by their words, and what is marked out of office")
        ALL_DAY = "ALL_DAY", lazy("Every busy all-day event")

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="calendar_feed")
    address = models.TextField(help_text="Sealed.")
    host = models.CharField(max_length=255)
    counts = models.CharField(max_length=8, choices=Counts, default=Counts.WORDS)
    due_at = models.DateTimeField(help_text="When it is read next.")
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0, help_text="Since it was last read well.")
    tried_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True, help_text="When it was last read well.")
    error = models.CharField(max_length=300, blank=True)
    events = models.PositiveIntegerField(default=0, help_text="Events of the last reading.")
    remarks = models.TextField(
        blank=True, default="", db_default="", help_text="What in it could not be taken as meant."
    )
    history = history.records(
        excluded=("address", "due_at", "lease_until", "attempts", "tried_at", "read_at", "error",
                  "events", "remarks")
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(counts__in=["WORDS", "ALL_DAY"]), name="calendar_counts_known"
            )
        ]
        indexes = [models.Index(fields=["due_at"], name="calendars_by_due")]

    def __str__(self) -> str:
        return f"{self.user} · {self.host}"


class ApiKey(AbstractAuthToken):  # type: ignore[misc]
    """A machine's key, stored hashed; it acts as its service user within its scope."""

    class Scope(models.TextChoices):
        CAPTURE = "CAPTURE", "capture"
        READ = "READ", "read"
        WRITE = "WRITE", "write"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="auth_token_set")
    name = models.CharField(max_length=80, unique=True)
    scope = models.CharField(max_length=8, choices=Scope)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_date = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"
        verbose_name_plural = "API keys"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope__in=["CAPTURE", "READ", "WRITE"]),
                name="api_key_scope_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_scope_display()})"


from people.access_models import AccessMail, Invitation, SetUpDismissal, Tour  # noqa: E402 - they name those above

__all__ = [
    "AccessMail",
    "ApiKey",
    "CalendarFeed",
    "Invitation",
    "Leave",
    "Role",
    "SetUpDismissal",
    "Shift",
    "Team",
    "Tour",
    "User",
]
