"""Who may change whom: privileges are for superusers, pools for who leads them, keys for none."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead
from lifecycle import jobs
from people.models import ApiKey, Leave, Role, Shift, User
from routing.models import Pool, PoolMember
from tests import factories, pages

THIS_YEAR = timezone.now().year


def browser(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def url(name: str, page: str, *arguments: Any) -> str:
    return reverse(f"admin:{name}_{page}", args=arguments)


def sent(page: Any, **changes: Any) -> dict[str, Any]:
    """What a browser would send of the form on this page, with some fields changed."""
    return pages.form(page, f"{page.context['opts'].model_name}_form", **changes)


def test_revops_edits_working_hours_with_a_reason(company: factories.Company) -> None:
    anna = company.reps[0]
    revops, address = browser(company.revops), url("people_user", "change", anna.pk)
    change = {"shifts-0-starts": "08:00", "shifts-0-ends": "12:00", "time_zone": "Europe/Paris"}
    refused = revops.post(address, sent(revops.get(address), **change))
    assert "reason" in refused.context["adminform"].form.errors
    answer = revops.post(address, sent(revops.get(address), reason="Half-time", **change))
    assert answer.status_code == 302, answer.context["errors"]
    assert User.objects.get(pk=anna.pk).time_zone == "Europe/Paris"
    record = Shift.history.latest("history_id")
    assert (record.starts, record.history_change_reason) == (dt.time(8), "Half-time")
    assert record.history_user == company.revops


def test_every_input_of_a_person_is_named_to_who_cannot_see_the_table(
    company: factories.Company,
) -> None:
    text = browser(company.revops).get(url("people_user", "change", company.reps[0].pk)).text
    assert "shifts-0-weekday" in text
    named = set(re.findall(r'<label[^>]* for="([^"]+)"', text))
    nameless = [
        one
        for one in re.findall(r"<(?:input|select|textarea)\b[^>]*>", text)
        if not re.search(r'type="(?:hidden|submit)"|aria-label="[^"]', one)
        and not named.intersection(re.findall(r' id="([^"]+)"', one))
    ]
    assert nameless == []


def test_revops_enters_languages_by_code_or_name(company: factories.Company) -> None:
    anna = company.reps[0]
    revops, address = browser(company.revops), url("people_user", "change", anna.pk)
    for given, said in (("xx", "is no language"), ("german " * 40, "200")):
        told = {"languages": given, "reason": "Asked her"}
        assert said in revops.post(address, sent(revops.get(address), **told)).text
    told = {"languages": "French, de", "reason": "Asked her"}
    assert revops.post(address, sent(revops.get(address), **told)).status_code == 302
    anna.refresh_from_db()
    assert anna.languages == ["de", "fr"]
    assert 'value="de, fr"' in revops.get(address).text
    assert User.history.filter(id=anna.pk, languages=["de", "fr"]).exists()


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        ("0001-01-01", f"{THIS_YEAR}-01-01", "more than two years from today"),
        (f"{THIS_YEAR}-01-01", "9999-12-31", "more than two years from today"),
        (f"{THIS_YEAR}-03-01", f"{THIS_YEAR}-02-01", "A leave ends after it begins."),
    ],
)
def test_leave_far_from_now_is_refused_in_the_administration_too(
    company: factories.Company, begins: str, ends: str, said: str
) -> None:
    anna = company.reps[0]
    User.objects.filter(pk=anna.pk).update(time_zone="Europe/Berlin")
    revops, address = browser(company.revops), url("people_user", "change", anna.pk)
    leave = {"leaves-0-starts_at_0": begins, "leaves-0-starts_at_1": "00:00:00"}
    leave |= {"leaves-0-ends_at_0": ends, "leaves-0-ends_at_1": "23:59:59"}
    leave |= {"leaves-TOTAL_FORMS": "1", "leaves-0-user": str(anna.pk), "reason": "Ill"}
    answer = revops.post(address, sent(revops.get(address), **leave))
    assert answer.status_code == 200
    assert said in answer.text
    away = {"away_until_0": "9999-12-31", "away_until_1": "23:00:00", "reason": "Gone"}
    answer = revops.post(address, sent(revops.get(address), **away))
    assert "more than two years from today" in answer.text
    assert not Leave.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"role": Role.REVOPS}, {"is_superuser": "on"}, {"is_staff": "on"},
        {"email": "mine@example.com"}, {"username": "mine"},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_privileges_and_log_in_data_stay_unless_a_superuser_changes_them(
    company: factories.Company, change: dict[str, Any]
) -> None:
    anna = company.reps[0]
    before = User.objects.filter(pk=anna.pk).values().get()
    revops, address = browser(company.revops), url("people_user", "change", anna.pk)
    revops.post(address, sent(revops.get(address), reason="Trying", **change))
    assert User.objects.filter(pk=anna.pk).values().get() == before


class TestLeavers:
    """RevOps says who has left, and who is back; the sweep hands their leads on."""

    def untick(self, by: User, whom: User, **changes: Any) -> Any:
        browse, address = browser(by), url("people_user", "change", whom.pk)
        told = {"reason": "Left", "is_active": ""} | changes
        return browse.post(address, sent(browse.get(address), **told))

    def test_their_open_leads_go_on_and_they_may_come_back(
        self, company: factories.Company
    ) -> None:
        anna = company.reps[0]
        factories.captures([factories.touch() for _ in range(2)])
        assert Lead.objects.filter(owner=anna).exists()
        assert self.untick(company.revops, anna).status_code == 302
        anna.refresh_from_db()
        assert not anna.is_active
        assert User.history.filter(id=anna.pk).latest().history_user == company.revops
        jobs.sweep(factories.NOW + factories.MINUTE)
        assert not Lead.objects.filter(owner=anna).exists()
        self.untick(company.revops, anna, is_active="on", reason="Back")
        anna.refresh_from_db()
        assert anna.is_active

    @pytest.mark.parametrize("whom", ["root", "themselves", "machine"])
    def test_nobody_else_is_theirs_to_say(self, company: factories.Company, whom: str) -> None:
        person = {
            "root": lambda: factories.user("root", is_superuser=True, is_staff=True),
            "themselves": lambda: company.revops,
            "machine": lambda: factories.user("machine", role=Role.SERVICE),
        }[whom]()
        if whom == "root":
            browser(company.revops).post(url("people_user", "change", person.pk), {"is_active": ""})
        else:
            self.untick(company.revops, person)
        person.refresh_from_db()
        assert person.is_active

    def test_a_manager_does_not_do_it_in_the_administration(
        self, company: factories.Company
    ) -> None:
        anna = company.reps[0]
        answer = browser(company.manager).post(url("people_user", "change", anna.pk), {})
        assert answer.status_code == 403

    def test_a_form_opened_before_does_not_bring_them_back(
        self, company: factories.Company
    ) -> None:
        anna = company.reps[0]
        revops, address = browser(company.revops), url("people_user", "change", anna.pk)
        opened = sent(revops.get(address), reason="Moved", first_name="Anne")
        User.objects.filter(pk=anna.pk).update(is_active=False)
        assert revops.post(address, opened).status_code == 302
        anna.refresh_from_db()
        assert (anna.first_name, anna.is_active) == ("Anne", False)


def test_passwords_and_accounts_are_for_superusers(company: factories.Company) -> None:
    anna = company.reps[0]
    root = factories.user("root", is_superuser=True, is_staff=True)
    for user, status in ((company.revops, 403), (company.manager, 403), (root, 200)):
        page = reverse("admin:auth_user_password_change", args=[anna.pk])
        assert browser(user).get(page).status_code == status
        assert browser(user).get(url("people_user", "add")).status_code == status
    answer = browser(company.revops).post(
        url("people_user", "change", root.pk), {"first_name": "x"}
    )
    assert answer.status_code == 403


def test_a_superuser_adds_somebody_and_gives_a_role(company: factories.Company) -> None:
    root = factories.user("root", is_superuser=True, is_staff=True)
    answer = browser(root).post(
        url("people_user", "add"),
        {"username": "nora", "email": "nora@example.com", "role": Role.AE,
         "password1": "a long enough one", "password2": "a long enough one"},
    )  # fmt: skip
    assert answer.status_code == 302, answer.context["errors"]
    nora = User.objects.get(username="nora")
    assert (nora.role, nora.check_password("a long enough one")) == (Role.AE, True)


def test_an_administrator_says_what_others_may_do_and_knows_no_password(
    company: factories.Company,
) -> None:
    ada = factories.user("ada", role=Role.ADMIN, is_staff=True)
    root = factories.user("root", is_superuser=True, is_staff=True)
    admins, anna = browser(ada), company.reps[0]
    made = admins.post(
        url("people_user", "add"), {"username": "nora", "email": "nora@example.com", "role": "AE"}
    )
    assert made.status_code == 302, made.context["errors"]
    assert not User.objects.get(username="nora").has_usable_password()
    address = url("people_user", "change", anna.pk)
    for more, fault in ((["SDR"], "is the main role already"), (["KING"], "not one of")):
        told = {"further_roles": more, "reason": "Helps out"}
        assert fault in admins.post(address, sent(admins.get(address), **told)).text
    told = {"further_roles": ["MARKETING", "AE"], "reason": "Helps out", "email": "x@example.com"}
    answer = admins.post(address, sent(admins.get(address), **told))
    assert answer.status_code == 302, answer.context["errors"]
    anna.refresh_from_db()
    assert (anna.further_roles, anna.email) == (["AE", "MARKETING"], "anna@example.com")
    record = User.history.filter(id=anna.pk).latest()
    assert (record.history_user, record.further_roles) == (ada, ["AE", "MARKETING"])
    mine = url("people_user", "change", ada.pk)
    admins.post(mine, sent(admins.get(mine), further_roles=["REVOPS"], reason="Trying"))
    admins.post(url("people_user", "change", root.pk), {"role": "SDR", "reason": "Trying"})
    for user in (ada, root):
        user.refresh_from_db()
    assert (ada.further_roles, root.role) == ([], "SDR")
    assert admins.get(reverse("admin:auth_user_password_change", args=[anna.pk])).status_code == 403
    assert admins.get(url("people_team", "changelist")).status_code == 200
    assert admins.get(url("leads_person", "changelist")).status_code == 403


def test_a_key_is_revoked_from_the_list_and_never_shown(company: factories.Company) -> None:
    key, token = ApiKey.objects.create(
        user=company.revops, name="website", scope="CAPTURE", expiry=None
    )
    revops = browser(company.revops)
    for page in (url("people_apikey", "changelist"), url("people_apikey", "change", key.pk)):
        text = revops.get(page).content.decode()
        assert "website" in text
        assert not {token, token[:8]} & set(text.split())
    sending = {"action": "revoke", "_selected_action": [key.pk]}
    revops.post(url("people_apikey", "changelist"), sending)
    assert ApiKey.objects.get(pk=key.pk).revoked_at is not None
    assert revops.get(url("people_apikey", "add")).status_code == 403


def test_a_manager_edits_the_pool_they_lead_and_no_other(company: factories.Company) -> None:
    manager = browser(company.manager)
    dach, other = company.pools["dach"], company.pools["inbound"]
    address = url("routing_pool", "change", dach.pk)
    change = {"members-0-weight": "3", "reason": "Ben is back"}
    answer = manager.post(address, sent(manager.get(address), **change))
    assert answer.status_code == 302, answer.context["errors"]
    member = PoolMember.objects.get(pool=dach, weight=3)
    record = PoolMember.history.filter(id=member.pk).latest("history_id")
    assert record.history_change_reason == "Ben is back"
    assert manager.get(url("routing_pool", "change", other.pk)).status_code == 200
    assert manager.post(url("routing_pool", "change", other.pk), {}).status_code == 403
    assert manager.get(url("routing_pool", "add")).status_code == 403


def test_a_manager_changes_their_pool_and_nothing_else(company: factories.Company) -> None:
    request = RequestFactory().get("/admin/")
    request.user = company.manager
    may_any = {
        model._meta.label
        for model, page in admin.site._registry.items()
        if page.has_add_permission(request)
        or page.has_change_permission(request)
        or page.has_delete_permission(request)
    }
    assert may_any == set()
    changed = {
        pool.key
        for pool in Pool.objects.all()
        if admin.site.get_model_admin(Pool).has_change_permission(request, pool)
    }
    assert changed == {"dach"}
    manager = browser(company.manager)
    for person in (company.manager, company.reps[0]):
        assert manager.post(url("people_user", "change", person.pk), {}).status_code == 403
    assert (
        url("routing_pool", "change", company.pools["dach"].pk) in manager.get("/pools/dach/").text
    )


def test_the_key_of_a_pool_stays_because_kits_name_it(company: factories.Company) -> None:
    dach = company.pools["dach"]
    revops, address = browser(company.revops), url("routing_pool", "change", dach.pk)
    revops.post(address, sent(revops.get(address), key="renamed", reason="Trying"))
    assert Pool.objects.get(pk=dach.pk).key == "dach"
