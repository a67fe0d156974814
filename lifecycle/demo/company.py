"""The people of the demo company: teams in three time zones, shifts, leave, pools, a signed kit."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.contrib.auth.hashers import make_password
from django.db import models
from django.db.models import Q

from governance import selectors as kits
from governance import services as governance
from governance.kit import Kit
from leads import cleansing
from leads.models import Account, AccountAlias, AccountStatus
from lifecycle import account_upserts, playbook
from lifecycle.demo import buyers, customers, lands, partners, stock
from people import tours
from people.models import Leave, Role, Shift, Team, User
from routing.models import Pool, PoolMember

PASSWORD = "leadgov-demo"  # noqa: S105 - printed at every start, on purpose
HOST = str(buyers.WORDS["own_domain"])
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a team sits."""

    team: str
    zone: str
    country: str
    subdivision: str
    manager: str
    hours: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rep:
    """One rep as the demo makes them; `lunch` takes 45 minutes, `pools` tell their weight."""

    login: str
    name: str
    role: Role
    site: str
    lunch: str
    pools: dict[str, int]


SITES = {
    "berlin": Site("DACH", "Europe/Berlin", "DE", "BE", "katrin", ("08:30", "17:30")),
    "london": Site("UK & Nordics", "Europe/London", "GB", "ENG", "oliver", ("08:00", "17:00")),
    "newyork": Site("Americas", "America/New_York", "US", "NY", "maria", ("09:00", "18:00")),
}
REPS = (
    Rep("anna", "Anna Lindqvist", Role.SDR, "berlin", "12:00", {"dach": 2}),
    Rep("ben", "Ben Hartwig", Role.SDR, "berlin", "12:30", {"dach": 2}),
    Rep("clara", "Clara Yıldız", Role.SDR, "berlin", "13:00", {"dach": 1, "inbound": 1}),
    Rep("david", "David Seidel", Role.AE, "berlin", "12:45", {"partners": 1}),
    Rep("ella", "Ella Ashdown", Role.SDR, "london", "12:00", {"uk-nordics": 2, "inbound": 1}),
    Rep("finn", "Finn O'Connell", Role.SDR, "london", "12:45", {"uk-nordics": 2}),
    Rep("grace", "Grace Okafor", Role.SDR, "london", "13:15", {"uk-nordics": 2, "inbound": 1}),
    Rep("kofi", "Kofi Mbaye", Role.SDR, "london", "11:45", {"americas": 1}),
    Rep("harry", "Harry Pemberton", Role.AE, "london", "12:30", {"partners": 1}),
    Rep("isaac", "Isaac Brooks", Role.SDR, "newyork", "12:00", {"americas": 4}),
    Rep("jenna", "Jenna Whitaker", Role.SDR, "newyork", "12:30", {"americas": 4}),
    Rep("leo", "Leo Nakamura", Role.AE, "newyork", "12:15", {}),
)
"""Kofi sits in London and takes what America sends while New York sleeps."""
LEADERS = (
    ("katrin", "Katrin Vogt", Role.MANAGER, "berlin"),
    ("oliver", "Oliver Greaves", Role.MANAGER, "london"),
    ("maria", "Maria Alvarez", Role.MANAGER, "newyork"),
    ("nina", "Nina Bergström", Role.MARKETING, "berlin"),
    ("rita", "Rita Delacroix", Role.REVOPS, "berlin"),
)
LOOKERS_ON = (
    ("fiona", "Fiona Keller", Role.FINANCE, "berlin"),
    ("otto", "Otto Brandt", Role.AUDITOR, "berlin"),
)
POOLS = (
    # key, label, manager, minutes a shift may lie ahead
    ("dach", "DACH", "katrin", 72 * 60),  # who comes by night or weekend has an owner at once
    ("uk-nordics", "UK, Ireland and the Nordics", "oliver", 10),
    ("americas", "Americas", "maria", 10),
    ("partners", "Partners", "katrin", 0),
    ("inbound", "Everybody else", "oliver", 16 * 60),
    ("data-desk", "Data desk", "nina", 0),  # no reps: what waits there is completed, not sold to
)
LEAVE = (
    # who, first day and number of days from today, why
    ("ben", -63, 12, "Holiday"),
    ("jenna", -50, 4, "Sick leave"),
    ("finn", -36, 8, "Holiday"),
    ("clara", -20, 2, "Training"),
    ("kofi", -12, 3, "Sick leave"),
    ("harry", -2, 8, "Holiday"),
    ("grace", 6, 8, "Holiday"),
)
CAPS = {"clara": 24, "kofi": 26}
USUAL_CAP = 30


@dataclass(frozen=True, slots=True)
class LogIn:
    """One line of the table that is printed."""

    name: str
    login: str
    role: str
    look_at: str


LOG_INS = (
    LogIn("Anna Lindqvist", "anna", "SDR, Berlin", "the inbox: accept and reject with j k a r"),
    LogIn("Ella Ashdown", "ella", "SDR, London", "the inbox of another zone"),
    LogIn("Isaac Brooks", "isaac", "SDR, New York", "the inbox, six hours behind Berlin"),
    LogIn(
        "David Seidel",
        "david",
        "AE, Berlin",
        "SQLs to convert, deals to close, partners he looks after",
    ),
    LogIn(
        "Katrin Vogt",
        "katrin",
        "Sales manager, DACH",
        "the team, the queues, a realignment under Territories",
    ),
    LogIn("Oliver Greaves", "oliver", "Head of Sales", "the SLA report by rep and channel"),
    LogIn(
        "Nina Bergström",
        "nina",
        "Head of Marketing",
        "sources, rejections to dispute, the kit she signed",
    ),
    LogIn(
        "Rita Delacroix",
        "rita",
        "RevOps",
        "the kit, the score lab under Reports, a conflict under Partners",
    ),
    LogIn(
        "Fiona Keller",
        "fiona",
        "Finance",
        "costs and quotas under Reports, customers, opportunities; no lead",
    ),
    LogIn("Otto Brandt", "otto", "Auditor", "everything, and changes nothing; the seals"),
    LogIn("Administrator", "admin", "Superuser", "everything, at /admin/"),
)


def make(*, since: datetime, now: datetime, leads: int) -> Kit:
    """People, teams, shifts, leave, pools and the kit, as of `since`; returns the active kit."""
    people = _people(since)
    teams = _teams(people, since)
    for login, _, _, site in LEADERS:
        _shifts(people[login], SITES[site], "12:30", since)
    for rep in REPS:
        people[rep.login].team = teams[rep.site]
        _keep(people[rep.login], at=since)
        _shifts(people[rep.login], SITES[rep.site], rep.lunch, since)
    lands.make(people, _pools(people, since, scale=max(1.0, leads / 3000)), since=since)
    _leave(people, now)
    _accounts(since, people)
    kit = _kit(people, since)
    stock.make(since=since, now=now)
    customers.make(people, kit, since=since, now=now)
    return kit


def exists() -> bool:
    """Whether this database holds the demo company."""
    wanted = [one.login for one in REPS]
    return User.objects.filter(username__in=wanted).count() == len(wanted)


def in_the_way() -> list[str]:
    """What forbids making the company in this database, in words; a superuser does not."""
    logins = [one.login for one in REPS] + [one[0] for one in (*LEADERS, *LOOKERS_ON)]
    emails = [f"{login}@{HOST}" for login in (*logins, "admin")]
    taken = User.objects.filter(Q(username__in=logins) | Q(email__in=emails))
    found = [f"user {login}" for login in taken.values_list("username", flat=True).order_by("pk")]
    found += [f"team {name}" for name in Team.objects.values_list("name", flat=True)]
    found += [f"pool {key}" for key in Pool.objects.values_list("key", flat=True)]
    version = kits.active_version()
    return [*found[:5], *([f"kit v{version.number}"] if version is not None else [])]


def send_out(user: User, *, until: datetime, at: datetime) -> None:
    """Somebody is out of the house: no new leads for them until then."""
    user.away_until = until
    _keep(user, at=at)


def _people(since: datetime) -> dict[str, User]:
    password = make_password(PASSWORD)
    people = {}
    for login, name, role, site in LEADERS:
        people[login] = _user(login, name, password, SITES[site], since, role=role)
    for user in people.values():  # RevOps, and managers for the settings of their pools
        if user.plays(Role.REVOPS, Role.MANAGER):
            user.is_staff = True
            _keep(user, at=since)
    if not User.objects.filter(username="admin").exists():
        _user("admin", "", password, SITES["berlin"], since, role=Role.REVOPS, superuser=True)
    for rep in REPS:
        people[rep.login] = _user(
            rep.login, rep.name, password, SITES[rep.site], since, role=rep.role
        )
    for login, name, role, site in LOOKERS_ON:
        staff = role == Role.AUDITOR  # who reads the administration, too
        people[login] = _user(login, name, password, SITES[site], since, role=role, staff=staff)
    tours.offer(people.values())
    return people


def _user(
    login: str,
    name: str,
    password: str,
    site: Site,
    since: datetime,
    *,
    role: Role,
    staff: bool = False,
    superuser: bool = False,
) -> User:
    first, _, last = name.partition(" ")
    user = User(
        username=login,
        email=f"{login}@{HOST}",
        first_name=first,
        last_name=last,
        password=password,
        role=role,
        time_zone=site.zone,
        holiday_country=site.country,
        holiday_subdivision=site.subdivision,
        is_staff=staff or superuser,
        is_superuser=superuser,
        date_joined=since,
    )
    _keep(user, at=since)
    return user


def _teams(people: dict[str, User], since: datetime) -> dict[str, Team]:
    teams = {}
    for key, site in SITES.items():
        teams[key] = Team(name=site.team, manager=people[site.manager])
        _keep(teams[key], at=since)
    return teams


def _shifts(user: User, site: Site, lunch: str, since: datetime) -> None:
    opens, closes = (time.fromisoformat(edge) for edge in site.hours)
    starts = time.fromisoformat(lunch)
    back = (datetime.combine(since, starts) + timedelta(minutes=45)).time()
    for weekday in range(5):
        for begins, ends in ((opens, starts), (back, closes)):
            _keep(Shift(user=user, weekday=weekday, starts=begins, ends=ends), at=since)


OFF_SHIFT = {"americas": Pool.OffShift.SPREAD, "inbound": Pool.OffShift.ON_CALL}
ON_CALL = "grace"


def _pools(people: dict[str, User], since: datetime, *, scale: float) -> dict[str, Pool]:
    pools = {}
    for key, label, manager, look_ahead in POOLS:
        pools[key] = Pool(
            key=key, label=label, manager=people[manager], look_ahead_minutes=look_ahead,
            off_shift=OFF_SHIFT.get(key, Pool.OffShift.FIRST_BACK),
        )  # fmt: skip
        _keep(pools[key], at=since)
    for rep in REPS:
        for key, weight in rep.pools.items():
            cap = None if rep.role == Role.AE else round(CAPS.get(rep.login, USUAL_CAP) * scale)
            member = PoolMember(pool=pools[key], user=people[rep.login], weight=weight)
            member.open_cap, member.on_call = cap, (key, rep.login) == ("inbound", ON_CALL)
            _keep(member, at=since)
    return pools


def _leave(people: dict[str, User], now: datetime) -> None:
    for login, first, days, why in LEAVE:
        user = people[login]
        today = now.astimezone(zoneinfo.ZoneInfo(user.time_zone)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        begins = today + first * DAY
        leave = Leave(user=user, starts_at=begins, ends_at=begins + days * DAY, reason=why)
        _keep(leave, at=min(now, begins - 14 * DAY))


STANDING = {
    "competitor": AccountStatus.COMPETITOR,
    "partner": AccountStatus.PARTNER,
    "customer": AccountStatus.CUSTOMER,
}
KEEPERS = ("david", "harry", "leo")
"""Who keeps the customers, in turn."""
FAMILY = ("Kobaltwerk Holding", ("Kobaltwerk", "Larchmont Energy"))
"""A group, and the customers that belong to it."""
ALIASES = (
    ("Trellis Freight", "DOMAIN", "trellis-spedition.example"),
    ("Trellis Freight", "NAME", "Trellis Spedition"),
    ("Vireo Telecom", "DOMAIN", "vireo-mobile.example"),
)
"""What these companies are called besides."""


def _accounts(since: datetime, people: dict[str, User]) -> None:
    """Companies whose standing Sales and Marketing have agreed on beforehand."""
    made: dict[str, Account] = {}
    for kind, status in STANDING.items():
        for number, company in enumerate(buyers.named_companies(kind)):
            account = _account(company.name, company.domain, company.country, since)
            account.status = status
            keeper = KEEPERS[number % len(KEEPERS)] if kind == "customer" else ""
            keeper = keeper or partners.MANAGERS.get(company.name, "")
            account.owner = people[keeper] if keeper else None
            made[company.name] = account
    above, below = FAMILY
    group = _account(above, "kobaltwerk-holding.example", "DE", since)
    group.owner = people["david"]
    _keep(group, at=since, by=people["rita"])
    for name in below:
        made[name].parent = group
    for account in made.values():
        _keep(account, at=since, by=people["rita"])
    for name, kind, shown in ALIASES:
        alias = account_upserts.alias(kind, shown)
        if alias is not None:
            row = AccountAlias(
                account=made[name],
                kind=alias.kind,
                value=alias.value,
                shown=alias.shown,
                source="user",
                created_at=since,
            )
            _keep(row, at=since, by=people["rita"])


def _account(name: str, domain: str, country: str, since: datetime) -> Account:
    return Account(
        domain=domain,
        name=name,
        name_key=cleansing.company_name_key(name),
        country=country,
        created_at=since,
    )


def _kit(people: dict[str, User], since: datetime) -> Kit:
    """The playbook, drafted by RevOps, signed by both heads, in force from the first day."""
    rita = people["rita"]
    draft = governance.draft_from_document(
        playbook.document(), title=playbook.TITLE, by=rita, now=since
    )
    submitted_at = since + timedelta(minutes=30)
    governance.submit(draft, by=rita, now=submitted_at, note="The first kit of the company.")
    governance.sign(draft, party="SALES", by=people["oliver"], now=since + timedelta(hours=1))
    governance.sign(draft, party="MARKETING", by=people["nina"], now=since + timedelta(hours=2))
    version = governance.publish(draft, by=rita, now=since + timedelta(hours=3))
    return kits.kit_of(version.pk)


def _keep(row: models.Model, *, at: datetime, by: User | None = None) -> None:
    """Save, with field history of that time."""
    row._history_date = at  # type: ignore[attr-defined]  # what simple-history reads
    row._history_user = by  # type: ignore[attr-defined]
    row.save()
