"""Whoever reads, a list holds the rows that they may see one by one, whichever way it is read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F, Q, QuerySet

from leads import selectors, sight
from leads.models import Account, AccountStatus, Customer, Lead, Opportunity, PartnerRegistration
from lifecycle.models import Notice
from people import teams
from people.models import AccessSettings, Role, Team, User
from people.told import Visibility
from routing.models import PoolMember
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db

ROLES = ((Role.SDR,), (Role.MANAGER,), (Role.AE, Role.PARTNER_MANAGER), (Role.CUSTOMER_SUCCESS,),
         (Role.FINANCE, Role.MANAGER), (Role.ADMIN,), (Role.AUDITOR,))  # fmt: skip
READERS = ("anna", "mia", "olga")


@pytest.fixture
def company(db: None) -> factories.Company:
    """Leads that differ in who has to do with them, and how, each in one respect."""
    company = factories.company()
    north = factories.team("North")
    sales = factories.team("Sales", manager=factories.user("olga"))
    Team.objects.filter(pk__in=[company.team.pk, north.pk]).update(parent=sales)
    carla = factories.rep("carla", team=north)
    anna, ben = company.reps
    PoolMember.objects.exclude(user=anna).delete()
    owners = [anna, ben, carla, None]
    leads = factories.captures([factories.touch() for _ in range(28)])
    for lead, owner in zip(leads, itertools.cycle(owners), strict=False):
        Lead.objects.filter(pk=lead.pk).update(owner=owner, queue="")
        lead.assignments.all().update(user=carla)
        Notice.objects.filter(lead=lead).update(to=carla)
    waiting = iter(Lead.objects.filter(owner=None).order_by("pk"))
    for queue in ("dach", "americas"):
        Lead.objects.filter(pk=next(waiting).pk).update(queue=queue)
    rest = iter(Lead.objects.filter(owner=carla).order_by("pk"))
    Lead.objects.filter(pk=next(rest).pk).update(sourced_by=anna)
    next(rest).assignments.all().update(user=anna)
    told = next(rest)
    Notice.objects.create(
        kind="ASSIGNED", to=anna, lead=told, event=told.events.first(), created_at=NOW
    )
    partner = Account.objects.create(
        name="Nord", name_key="nord", domain="nord.example", status=AccountStatus.PARTNER,
        created_at=NOW,
    )  # fmt: skip
    Account.objects.create(name="Own", name_key="own", owner=anna, created_at=NOW)
    for owner, of in ((anna, None), (carla, None), (ben, partner)):
        lead = next(rest)
        deal = Opportunity.objects.create(
            name="A deal", account=lead.account, owner=owner, created_at=NOW, partner=of,
            partner_role="SOURCED" if of else "",
        )  # fmt: skip
        Lead.objects.filter(pk=lead.pk).update(opportunity=deal)
    for place, cs_owner in enumerate((anna, carla, None)):
        account = Account.objects.filter(leads__owner=owners[place]).order_by("pk")[1]
        factories.customer(account, cs_owner=cs_owner)
        PartnerRegistration.objects.create(
            account=account, partner=partner, registered_by=anna, from_at=NOW,
            until_at=NOW + timedelta(days=place + 1),
            state=("ACTIVE", "UNDONE", "WITHDRAWN")[place], registered_at=NOW,
        )  # fmt: skip
    return company


def cases() -> Iterator[User]:
    """Each reader in each role, under each setting of the company."""
    for chosen in Visibility:
        AccessSettings.objects.update_or_create(pk=1, defaults={"visibility": chosen})
        for name, (main, *more) in itertools.product(READERS, ROLES):
            reader = User.objects.get(username=name)
            reader.role, reader.further_roles = main, more
            yield reader


def test_a_list_holds_what_each_may_see_one_by_one(
    company: factories.Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = set()
    for reader in cases():
        expected = set(leads_of(reader))
        told = f"{reader.username} {reader.roles} {teams.visibility()}"
        sizes.add(len(expected))
        assert set(selectors.visible_to(reader)) == expected, told
        theirs = set(selectors.accounts_visible_to(reader))
        deals = set(selectors.deals_visible_to(reader))
        for few in (0, 10_000):
            monkeypatch.setattr(sight, "FEW", few)
            assert set(selectors.listed_to(reader)) == expected, told
            assert set(selectors.accounts_listed_to(reader)) == theirs, told
            assert set(selectors.deals_listed_to(reader)) == deals, told
    assert len(sizes) > 8
    reader.is_active = False
    for none in (selectors.listed_to, selectors.accounts_listed_to, selectors.deals_listed_to):
        rows: QuerySet[Any] = none(reader)
        assert not rows.exists()


def leads_of(user: User) -> QuerySet[Lead]:
    """What `selectors.visible_to` says in words, row by row, without any of its devices."""
    leads = Lead.objects.all()
    if selectors.sees_all(user):
        return leads
    queues = user.pool_memberships.filter(active=True).values("pool__key")
    seen = (
        Q(owner=user) | Q(sourced_by=user) | Q(opportunity__owner=user) | Q(queue__in=queues)
        | Q(assignments__user=user) | Q(notices__to=user)
    )  # fmt: skip
    chosen = teams.visibility()
    if user.team_id and chosen == Visibility.TEAM_TREE:
        seen |= Q(owner__team=user.team_id)
    works = user.plays(Role.SDR, Role.AE, Role.MANAGER, Role.CUSTOMER_SUCCESS, Role.PARTNER_MANAGER)
    if works and chosen == Visibility.OPEN:
        seen |= Q(pk=F("pk"))
    if user.plays(Role.MANAGER):
        seen |= Q(owner__team__manager=user) | Q(owner__team__parent__manager=user)
        seen |= Q(owner=None) | Q(queue__in=user.managed_pools.values("key"))
    if user.plays(Role.CUSTOMER_SUCCESS):
        there = Customer.objects.filter(Q(cs_owner=user) | Q(cs_owner=None))
        if chosen == Visibility.OPEN:
            there = Customer.objects.all()
        elif chosen == Visibility.TEAM_TREE and user.team_id:
            there |= Customer.objects.filter(cs_owner__team=user.team_id)
        seen |= Q(account__in=there.values("account"))
    if user.plays(Role.PARTNER_MANAGER):
        held = PartnerRegistration.objects.exclude(state__in=["YIELDED", "UNDONE"])
        seen |= Q(channel="PARTNER") | Q(opportunity__partner__isnull=False)
        seen |= Q(account__in=held.values("account"))
    return leads.filter(pk__in=leads.filter(seen).values("pk"))
