"""Whose leads people see: the tree of teams, and what the company has chosen."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads import selectors
from leads.models import Account, Lead
from lifecycle import actions, deal_rights, handing_rights, permissions, worked_by
from lifecycle import customers as customer_rights
from people import teams, working_time
from people.models import AccessSettings, Role, Team, User
from people.told import Visibility
from reports import sla
from routing import decision_search
from routing.models import PoolMember
from tests import factories
from tests.factories import NOW, Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(db: None) -> Company:
    """Anna and Ben work in DACH under Mia, Carla in the North under Nils; Olga leads both."""
    company = factories.company()
    north = factories.team("North", manager=factories.user("nils", role=Role.MANAGER))
    sales = factories.team("Sales", manager=factories.user("olga", role=Role.MANAGER))
    Team.objects.filter(pk__in=[company.team.pk, north.pk]).update(parent=sales)
    factories.rep("carla", team=north)
    PoolMember.objects.update(active=False)  # what waits in queues is everybody's of the pool
    return company


@pytest.fixture
def of(company: Company) -> dict[str, Lead]:
    """A lead of each rep, by first name, none of whom was told of another's."""
    found = {}
    for name in ("anna", "ben", "carla"):
        lead = factories.capture()
        actions.reassign(lead_id=lead.pk, by=company.revops, to=who(name).pk, reason="-", now=NOW)
        found[name] = Lead.objects.select_related("owner__team").get(pk=lead.pk)
    return found


def who(name: str) -> User:
    return User.objects.select_related("team").get(username=name)


def choose(visibility: Visibility) -> None:
    AccessSettings.objects.update_or_create(pk=1, defaults={"visibility": visibility})


DACH, NORTH = {"anna", "ben"}, {"carla"}
SEEN = {
    "": {"anna": DACH, "carla": NORTH, "mia": DACH, "nils": NORTH, "olga": DACH | NORTH},
    "TEAM_TREE": {"anna": DACH, "carla": NORTH, "mia": DACH, "olga": DACH | NORTH},
    "OWN": {"anna": {"anna"}, "carla": NORTH, "mia": DACH, "olga": DACH | NORTH},
    "OPEN": {"anna": DACH | NORTH, "nils": DACH | NORTH, "fay": set(), "ada": set()},
}


@pytest.mark.parametrize("chosen", sorted(SEEN))
def test_who_sees_whose_leads_and_all_that_hangs_on_them(of: dict[str, Lead], chosen: str) -> None:
    factories.user("fay", role=Role.FINANCE)
    factories.user("ada", role=Role.ADMIN)
    if chosen:
        choose(Visibility(chosen))
    assert teams.visibility() == (chosen or Visibility.TEAM_TREE)
    for row in of.values():
        factories.customer(Account.objects.get(pk=row.account_id))
    for name, expected in SEEN[chosen].items():
        reader, leads = who(name), {of[one].pk for one in expected}
        mine = selectors.visible_to(reader).filter(pk__in=[one.pk for one in of.values()])
        assert set(mine.values_list("pk", flat=True)) == leads, name
        if name == "fay":
            continue
        decided = decision_search.visible_to(reader).filter(
            lead__in=[one.pk for one in of.values()]
        )
        assert set(decided.values_list("lead", flat=True)) <= leads
        theirs = {of[one].account_id for one in expected}
        assert set(selectors.accounts_visible_to(reader).values_list("pk", flat=True)) == theirs
        customers = customer_rights.visible_to(reader).values_list("account", flat=True)
        assert set(customers) == theirs


def test_a_manager_leads_what_is_below_and_nobody_what_is_above(of: dict[str, Lead]) -> None:
    olga, nils, anna = who("olga"), who("nils"), who("anna")
    assert permissions.overrides(of["anna"], olga)
    assert not permissions.overrides(of["anna"], nils)
    assert working_time.may_keep(anna, olga)
    assert not working_time.may_keep(anna, nils)
    everybody = list(User.objects.select_related("team"))
    for reader in everybody:  # at once, with one query for a tree of teams
        with CaptureQueriesContext(connection) as asked:
            kept = working_time.kept_by(reader, everybody)
        assert len(asked) <= 1
        assert kept == {one.pk for one in everybody if working_time.may_keep(one, reader)}
    reach = handing_rights.reach(olga)
    assert set(Lead.objects.filter(reach.of(), pk__in=[one.pk for one in of.values()])) == {
        *of.values()
    }
    counted = sla.visible_to(olga).filter(lead__in=[one.pk for one in of.values()])
    assert set(counted.values_list("lead", flat=True)) == {one.pk for one in of.values()}
    deal = factories.work(of["carla"], to="OPPORTUNITY", now=NOW).opportunity
    assert deal is not None
    assert deal_rights.may_act(deal, [], olga)
    assert set(deal_rights.visible_to(olga)) == {deal}
    assert not deal_rights.visible_to(who("mia")).exists()
    User.objects.filter(pk=olga.pk).update(role=Role.SDR)  # leads the team by name alone
    assert not permissions.overrides(of["anna"], who("olga"))
    assert not selectors.visible_to(who("olga")).exists()


def test_lists_ask_nothing_more_for_a_tree_or_a_choice(of: dict[str, Lead]) -> None:
    for chosen in Visibility:
        choose(chosen)
        for name in ("anna", "olga"):
            reader = who(name)
            with CaptureQueriesContext(
                connection,
            ) as asked:
                list(selectors.visible_to(reader))
            assert len(asked) == 1


def test_no_team_stands_above_itself(company: Company) -> None:
    sales, dach = Team.objects.get(name="Sales"), company.team
    for above in (dach, sales):
        with pytest.raises(IntegrityError, match="would stand above itself"), transaction.atomic():
            Team.objects.filter(pk=sales.pk).update(parent=above)
    assert Team.objects.get(pk=sales.pk).parent_id is None


def test_a_search_by_an_exact_name_says_who_works_a_buyer_and_no_more(of: dict[str, Lead]) -> None:
    lead = of["carla"]
    person, account = lead.person, Account.objects.get(pk=lead.account_id)
    anna, line = who("anna"), ("Worked by Carla, team North.",)
    exact = (person.email, person.email.upper(), account.domain, account.name, f"{account.name} ")
    for text in exact:
        assert worked_by.tell(text, reader=anna) == line, text
    parts = (person.email[:-1], person.email[1:], "@" + person.email.split("@")[1],
             account.name[:-3], person.last_name, account.domain[:-4], "", " ")  # fmt: skip
    for text in parts:
        assert worked_by.tell(text, reader=anna) == (), text
    page = _search(anna, account.domain)
    assert "Worked by Carla, team North." in page
    assert person.last_name not in page
    assert f"/leads/{lead.pk}/" not in page
    for name in ("carla", "olga"):
        assert worked_by.tell(person.email, reader=who(name)) == ()
    choose(Visibility.OPEN)
    assert worked_by.tell(person.email, reader=anna) == ()
    assert worked_by.tell(person.email, reader=factories.user("fay", role=Role.FINANCE)) == ()


def _search(reader: User, text: str) -> str:
    client = Client()
    client.force_login(reader)
    return client.get("/search/", {"q": text}).content.decode()
