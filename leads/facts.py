"""The facts rules may speak of, each read from a `Snapshot` and, the same, from the tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateTimeField,
    F,
    Func,
    IntegerField,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least

from governance import facts
from governance.facts import Fact, FactFamily, FactType, Slug, Whole
from leads import bands, partner_facts, score_sql, scoring, stages, titles, validity
from leads.models import (
    AccountStatus,
    Channel,
    Signal,
    SourceCategory,
    Touch,
    TouchStatus,
)
from leads.snapshot import Snapshot

WINDOW_DAYS = 730
INDUSTRIES = "In the product's own words where they are known, such as Software or Logistics."


def register(registry: facts.Registry = facts.registry) -> None:
    """Make every fact about leads known. Called once, when the app is ready."""
    registry.register(*_COMPANY, *partner_facts.FACTS, *_PERSON, *_LEAD, *_SCORE)
    for family in _FAMILIES:
        registry.register_family(family)


def _column(name: str, label: str, type: FactType, field: str, path: str, **more: Any) -> Fact:
    """A fact that stands in one column: `field` of the snapshot, `path` from the lead."""
    return Fact(name, label, type, read=attrgetter(field), sql=lambda now: F(path), **more)


def _flag(name: str, label: str, field: str, when: Q, **more: Any) -> Fact:
    """A yes or no that is never missing."""
    return Fact(
        name,
        label,
        FactType.BOOLEAN,
        read=attrgetter(field),
        sql=lambda now: Case(
            When(when, then=Value(True)),  # noqa: FBT003
            default=Value(False),  # noqa: FBT003
            output_field=BooleanField(),
        ),
        **more,
    )


def _judged(
    name: str, label: str, read: Callable[[Snapshot], bool], sql: Callable[[], Any], **more: Any
) -> Fact:
    """A yes or no that is worked out of what is known, and never missing."""
    return Fact(name, label, FactType.BOOLEAN, read=read, sql=lambda now: sql(), **more)


def _score(
    name: str, label: str, read: Callable[[Snapshot], float | None], category: str | None
) -> Fact:
    return Fact(
        name,
        label,
        FactType.NUMBER,
        read=lambda snapshot: scoring.shown(read(snapshot) or 0.0),
        sql=lambda now: score_sql.shown(now, category=category),
        unit="points",
        help="To one decimal, as pages show it.",
    )


def _band_sql(_now: datetime) -> Case:
    sizes = [
        When(
            Q(account__employees__gte=low)
            & (Q() if high is None else Q(account__employees__lte=high)),
            then=Value(key),
        )
        for key, low, high in bands.BANDS
    ]
    return Case(*sizes, default=Value(None), output_field=CharField())


class EmailAt(Func):
    """Whether an e-mail address is at a company's domain; false where either is missing."""

    output_field = BooleanField()
    template = (
        "coalesce((SELECT m.host = m.domain OR right(m.host, length(m.domain) + 1) "
        "= '.' || m.domain FROM (SELECT translate(substring(x.email from '@([^@]*)$'), "
        "'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') AS host, x.domain "
        "FROM (SELECT %(expressions)s) AS x (email, domain)) AS m WHERE m.domain <> ''), FALSE)"
    )


class EmailHost(Func):
    """What stands behind the last @ of an address, in small letters; missing without one."""

    output_field = CharField()
    template = (
        "translate(substring(%(expressions)s from '@([^@]*)$'), "
        "'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
    )


class CanBeCalled(Func):
    """Whether a text has as many digits as a telephone number has."""

    output_field = BooleanField()
    template = (
        "coalesce(length(regexp_replace(%(expressions)s, '[^0-9]', '', 'g')) "
        f"BETWEEN {validity.FEWEST_DIGITS} AND {validity.MOST_DIGITS}, FALSE)"
    )


_T = FactType

_COMPANY = (
    _column("company.name", "Company name", _T.TEXT, "company_name", "account__name"),
    _column(
        "company.domain", "Company domain", _T.TEXT, "company_domain", "account__domain",
        help="The registrable domain, for example acme.co.uk.",
    ),
    _column(
        "company.industry", "Industry", _T.TEXT, "company_industry", "account__industry",
        help=INDUSTRIES,
    ),
    _column(
        "company.employees", "Company size", _T.INTEGER, "company_employees",
        "account__employees", unit="employees",
    ),
    Fact(
        "company.employee_band", "Employee band", _T.CHOICE,
        read=lambda snapshot: bands.band(snapshot.company_employees),
        sql=_band_sql,
        choices=bands.CHOICES, help="The company's size in the usual bands.",
    ),
    _column(
        "company.annual_revenue", "Annual revenue", _T.NUMBER, "company_annual_revenue",
        "account__annual_revenue", help="In the company's own currency.",
    ),
    _column(
        "company.country", "Company country", _T.TEXT, "company_country", "account__country",
        help="ISO code of two letters, for example DE.",
    ),
    _column(
        "company.region", "Company region", _T.TEXT, "company_region", "account__region",
        help="State, province or county, as it was told.",
    ),
    _column(
        "company.postal_code", "Company postal code", _T.TEXT, "company_postal_code",
        "account__postal_code",
    ),
    _column(
        "account.status", "Account status", _T.CHOICE, "account_status", "account__status",
        choices=tuple(AccountStatus.choices),
    ),
    _flag(
        "account.has_owner", "Account has an owner", "account_has_owner",
        Q(account__owner__isnull=False),
    ),
)  # fmt: skip


_PERSON = (
    _column(
        "person.country", "Person's country", _T.TEXT, "person_country", "person__country",
        help="ISO code of two letters, for example DE.",
    ),
    _column(
        "person.language", "Person's language", _T.TEXT, "person_language", "person__language",
        help="ISO code of two letters, for example de.",
    ),
    _column("person.title", "Job title", _T.TEXT, "person_title", "person__title"),
    _column(
        "person.seniority", "Seniority", _T.CHOICE, "person_seniority", "person__seniority",
        choices=titles.SENIORITIES, help="Read from the job title.",
    ),
    _column(
        "person.function", "Job function", _T.CHOICE, "person_function", "person__function",
        choices=titles.FUNCTIONS, help="Read from the job title.",
    ),
    _flag("person.has_email", "Has an e-mail address", "has_email", ~Q(person__email="")),
    _flag("person.has_phone", "Has a phone number", "has_phone", ~Q(person__phone="")),
    _flag(
        "person.has_name", "First and last name known", "has_name",
        ~Q(person__first_name="") & ~Q(person__last_name=""),
    ),
    _judged(
        "person.company_mailbox", "E-mail address at the company",
        lambda snapshot: validity.is_at(snapshot.email_host, snapshot.company_domain),
        lambda: EmailAt(F("person__email"), F("account__domain")),
        help="At the company's own domain: neither free nor throw-away mail.",
    ),
    Fact(
        "person.email_domain", "Domain of the e-mail address", _T.TEXT,
        read=attrgetter("email_host"),
        sql=lambda now: EmailHost(F("person__email")),
        on_demand=True,
        help="What stands behind the @, in small letters, for example acme.co.uk.",
    ),
    _judged(
        "person.phone_valid", "Phone number looks valid",
        lambda snapshot: snapshot.phone_valid,
        lambda: CanBeCalled(F("person__phone")),
        help="It has as many digits as a telephone number has.",
    ),
)  # fmt: skip

_LEAD = (
    _column(
        "lead.channel", "Channel", _T.CHOICE, "channel", "channel",
        choices=tuple(Channel.choices), help="Through which the lead first came.",
    ),
    _column("lead.stage", "Stage", _T.CHOICE, "stage", "stage", choices=tuple(stages.CHOICES)),
    _column(
        "lead.cycle", "Cycle", _T.INTEGER, "cycle", "cycle",
        help="1 for a new lead; one more each time it comes back.",
    ),
    _flag(
        "lead.hand_raiser", "Hand-raiser", "hand_raiser", Q(hand_raised_at__isnull=False),
        help="Has asked for a person and waits for an answer.",
    ),
    _column(
        "lead.potential_value", "Potential value", _T.NUMBER, "potential_value",
        "potential_value", unit=settings.BASE_CURRENCY,
        help="What the lead may be worth. Missing where nobody has said it.",
    ),
    Fact(
        "lead.touches", "Touchpoints", _T.INTEGER,
        read=attrgetter("touches"),
        sql=lambda now: _counted(_standing(lead=OuterRef("pk")))
        + _counted(_standing(lead__merged_into=OuterRef("pk")), "lead__merged_into"),
    ),
    _column(
        "source.category", "Source", _T.CHOICE, "category", "category",
        choices=tuple(SourceCategory.choices),
    ),
    Fact(
        "lead.last_touch_days", "Time since last touchpoint", _T.INTEGER,
        read=attrgetter("last_touch_days"),
        sql=lambda now: _days_since("last_touch_at", now),
        unit="days",
    ),
    _column("source.campaign", "Campaign", _T.TEXT, "campaign", "campaign"),
)  # fmt: skip


def _total(snapshot: Snapshot) -> float:
    """The sum of the three as they are shown."""
    sums = (snapshot.score_fit, snapshot.score_engagement, snapshot.score_intent)
    return scoring.total_shown(one or 0.0 for one in sums)


_SCORE = (
    _score("score.total", "Score", _total, None),
    _score("score.fit", "Fit score", attrgetter("score_fit"), "FIT"),
    _score("score.engagement", "Engagement score", attrgetter("score_engagement"), "ENGAGEMENT"),
    _score("score.intent", "Intent score", attrgetter("score_intent"), "INTENT"),
)


class WholeDays(Func):
    """Whole days from the second instant to the first; missing when there is no second."""

    output_field = IntegerField()
    arg_joiner = " - "
    template = "floor(extract(epoch FROM (%(expressions)s)) / 86400)::bigint"


def _standing(**of: Any) -> Any:
    """Touchpoints that were not taken back."""
    return Touch.objects.filter(**of).exclude(status=TouchStatus.WITHDRAWN)


def _days_since(column: str, now: datetime) -> WholeDays:
    """Whole days since an instant of the lead; one ahead of now counts as now."""
    instant = Value(now, output_field=DateTimeField())
    return WholeDays(instant, Least(F(column), instant))


def _counted(rows: Any, lead: str = "lead") -> Coalesce:
    counted = rows.order_by().values(lead).annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _count(name: str, kind: str, days: int) -> Fact:
    words = kind.replace("_", " ")

    def sql(now: datetime) -> Coalesce:
        since = now - timedelta(days=days)
        return _counted(
            Signal.objects.filter(lead=OuterRef("pk"), kind=kind, occurred_at__gt=since)
        )

    return Fact(
        name,
        f"Number of “{words}” in {days} days",
        FactType.INTEGER,
        read=lambda snapshot: snapshot.count(kind, days=days),
        sql=sql,
    )


def _last(name: str, kind: str) -> Fact:
    words = kind.replace("_", " ")

    def sql(now: datetime) -> WholeDays:
        instant = Value(now, output_field=DateTimeField())
        shown = Signal.objects.filter(lead=OuterRef("pk"), kind=kind).order_by().values("lead")
        # A signal dated ahead of now counts as shown now.
        last = shown.annotate(last=Max(Least("occurred_at", instant))).values("last")
        return WholeDays(instant, Subquery(last))

    return Fact(
        name,
        f"Time since last “{words}”",
        FactType.INTEGER,
        read=lambda snapshot: snapshot.days_since(kind),
        sql=sql,
        unit="days",
    )


_FAMILIES = (
    FactFamily(
        "signal.{kind}.count_{days}d",
        "How often a behaviour was shown",
        parameters={"kind": Slug(), "days": Whole(1, WINDOW_DAYS)},
        make=_count,
        example="signal.pricing_page_view.count_30d",
    ),
    FactFamily(
        "signal.{kind}.last_days",
        "Days since a behaviour was last shown",
        parameters={"kind": Slug()},
        make=_last,
        example="signal.pricing_page_view.last_days",
    ),
)
