"""The log-in: a second factor, where one is logged in, and how often one may try."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from people.models import AccessMail, Role, User
from tests import factories, logging_in
from tests.logging_in import LOGIN, SET_UP, code_of, log_in, set_up, somebody

pytestmark = pytest.mark.django_db

CODE = "/accounts/2fa/authenticate/"
OFF = "/accounts/2fa/totp/deactivate/"


def is_in(client: Client) -> bool:
    return client.get("/leads/").status_code == 200


def forget_how_fresh(client: Client) -> None:
    """As if the log-in were an hour ago."""
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()


def test_a_second_factor_from_the_first_scan_to_the_last_code() -> None:
    somebody()
    client = Client()
    log_in(client)
    secret, shown = set_up(client)
    codes = re.findall(r"<li>(\d{8})</li>", shown.content.decode())
    assert len(codes) == 10
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored
    again = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert not any(code in again for code in codes)

    other = Client()
    assert log_in(other)["Location"] == CODE
    assert not is_in(other)
    assert b"Incorrect code" in other.post(CODE, {"code": "000000"}).content
    typed = {"code": code_of(secret)}
    assert other.post(CODE, typed)["Location"] == "/"
    assert is_in(other)
    # Who watched it being typed cannot use it again, nor a recovery code twice.
    thief = Client()
    log_in(thief)
    assert b"Incorrect code" in thief.post(CODE, typed).content
    assert thief.post(CODE, {"code": codes[0]})["Location"] == "/"
    log_in(thief := Client())
    assert b"Incorrect code" in thief.post(CODE, {"code": codes[0]}).content

    forget_how_fresh(other)
    asked = other.post(OFF)
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    confirmed = other.post(asked["Location"], {"password": logging_in.PASSWORD}, follow=True)
    assert confirmed.status_code == 200
    assert not Authenticator.objects.exists()
    assert log_in(Client())["Location"] == "/"


@pytest.mark.parametrize(
    ("setting", "columns", "asked"),
    [
        (["REVOPS"], {"role": Role.REVOPS}, True),
        (["REVOPS"], {"role": Role.SDR}, False),
        (["ALL"], {"role": Role.SDR}, True),
        (["ADMIN"], {"role": Role.SDR, "is_staff": True}, True),
        ([], {"role": Role.REVOPS, "is_superuser": True}, False),
    ],
)
def test_the_company_may_require_it(
    settings: Any, setting: list[str], columns: dict[str, Any], *, asked: bool
) -> None:
    settings.SECOND_FACTOR_FOR = setting
    somebody(**columns)
    client = Client()
    log_in(client)
    assert is_in(client) is not asked
    assert (client.get("/api/v1/kit/").json().get("code") == "second_factor_required") is asked


def test_who_must_have_one_is_led_there_and_cannot_take_it_off(settings: Any) -> None:
    settings.SECOND_FACTOR_FOR = ["ALL"]
    somebody(is_staff=True)
    client = Client()
    page = log_in(client, follow=True)
    assert page.redirect_chain[-1][0] == SET_UP
    assert b"Your company asks for a second factor" in page.content
    assert client.get("/admin/")["Location"] == SET_UP
    assert client.get("/", headers={"HX-Request": "true"})["HX-Redirect"] == SET_UP
    set_up(client)
    assert is_in(client)
    assert client.get("/admin/").status_code == 200
    assert b"so it stays" in client.get(OFF).content
    assert b"so it stays" in client.post(OFF).content
    assert Authenticator.objects.filter(type="totp").exists()


def test_the_administration_has_no_door_of_its_own() -> None:
    somebody(is_staff=True, is_superuser=True)
    client = Client()
    log_in(client)
    set_up(client)
    back = Client()
    answer = back.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == f"{LOGIN}?next=%2Fadmin%2F"
    back.post("/admin/login/", {"username": "anna", "password": logging_in.PASSWORD})
    assert back.get("/admin/").status_code == 302
    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/change/"
    assert client.get("/accounts/email/")["Location"] == "/accounts/2fa/"


def test_other_sessions_are_listed_and_ended() -> None:
    anna = somebody()
    here, there = Client(headers={"User-Agent": "Firefox/143.0 (Windows)"}), Client()
    log_in(here)
    log_in(there)
    UserSession.objects.filter(user_agent="").update(user_agent="Chrome/140 Android Safari/1")
    page = here.get("/accounts/sessions/").content.decode()
    assert "Firefox on Windows" in page
    assert "Chrome on Android" in page
    here.post("/accounts/sessions/")
    assert is_in(here)
    assert not is_in(there)
    assert UserSession.objects.get().user == anna


def test_a_changed_password_ends_the_other_sessions_and_leaving_ends_all() -> None:
    somebody()
    here, there = Client(), Client()
    log_in(here)
    log_in(there)
    new = "another-42-quay"
    old = logging_in.PASSWORD
    sent = {"oldpassword": old, "password1": new, "password2": new}
    assert here.post("/accounts/password/change/", sent).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert [one.to for one in AccessMail.objects.all()] == ["anna@example.com"]
    User.objects.update(is_active=False)
    assert not is_in(here)
    assert log_in(Client(), password=new)["Location"] == "/accounts/inactive/"


class TestTrying:
    """How often: by account and by address, also behind a proxy."""

    def test_an_account_is_closed_for_a_while_after_five_failures(self) -> None:
        somebody()
        for number in range(5):
            answer = log_in(Client(), password="wrong", REMOTE_ADDR=f"10.0.0.{number}")
            assert b"not correct" in answer.content
        answer = log_in(Client(), REMOTE_ADDR="10.0.0.9")
        assert b"Wait five minutes" in answer.content

    def test_an_address_may_not_go_through_many_accounts(self, settings: Any) -> None:
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        somebody()
        for number in range(10):
            log_in(
                Client(),
                f"name{number}",
                "wrong",
                headers={"X-Forwarded-For": f"{number}, 9.9.9.9"},
            )
        told = {"headers": {"X-Forwarded-For": "1.2.3.4, 9.9.9.9"}}
        assert b"Wait five minutes" in log_in(Client(), **told).content
        told = {"headers": {"X-Forwarded-For": "9.9.9.9, 8.8.8.8"}}
        assert log_in(Client(), **told)["Location"] == "/"

    def test_codes_are_counted_like_passwords(self) -> None:
        somebody()
        client = Client()
        log_in(client)
        secret, _ = set_up(client)
        for number in range(5):
            log_in(other := Client(), REMOTE_ADDR=f"10.0.1.{number}")
            other.post(CODE, {"code": "000000"}, REMOTE_ADDR=f"10.0.1.{number}")
        right = {"code": code_of(secret)}
        assert b"Wait five minutes" in other.post(CODE, right, REMOTE_ADDR="10.0.1.9").content

    def test_resets_and_confirmations_are_counted_and_say_when_to_try_again(self) -> None:
        somebody()
        client = Client()
        log_in(client)
        forget_how_fresh(client)
        address = {"email": "anna@example.com"}
        answers = [client.post("/accounts/password/reset/", address) for _ in range(6)]
        wrong = {"password": "wrong"}
        answers += [client.post("/accounts/reauthenticate/", wrong) for _ in range(11)]
        for refused in (answers[5], answers[-1]):
            assert refused.status_code == 429
            assert refused["Retry-After"] == "60"
            assert b"wait a minute" in refused.content

    def test_the_counts_are_not_pushed_out_by_a_flood_of_names(self, settings: Any) -> None:
        assert settings.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] >= 100_000


def test_nobody_learns_who_has_an_account() -> None:
    somebody()
    known, unknown = (
        Client().post("/accounts/password/reset/", {"email": f"{name}@example.com"}, follow=True)
        for name in ("anna", "nobody")
    )
    assert known.content == unknown.content
    assert known.redirect_chain == unknown.redirect_chain
    sent = AccessMail.objects.get()  # the worker sends it: no wait for a server betrays anybody
    assert (sent.to, sent.subject) == ("anna@example.com", "Set a new LeadGov password")
    link = re.search(r"http\S+/accounts/password/reset/key/\S+", sent.text)
    assert link
    said = [log_in(Client(), name, "wrong").context["form"].errors for name in ("anna", "nobody")]
    assert said[0] == said[1]
    client = Client()
    page = client.get(link[0], follow=True)
    new = {"password1": "quite-new-77-words", "password2": "quite-new-77-words"}
    assert b"Password set" in client.post(page.redirect_chain[-1][0], new, follow=True).content
    assert log_in(Client(), password=new["password1"])["Location"] == "/"


def test_a_superuser_takes_a_lost_second_factor_off_and_nobody_adds_one() -> None:
    anna = somebody()
    client = Client()
    log_in(client)
    set_up(client)
    row = Authenticator.objects.get(type="totp")
    root, boss = Client(), factories.user("root", is_staff=True, is_superuser=True)
    root.force_login(boss)
    page = root.get(reverse("admin:mfa_authenticator_change", args=[row.pk]))
    assert row.data["secret"] not in page.content.decode()
    assert root.get(reverse("admin:mfa_authenticator_add")).status_code == 403
    gone = reverse("admin:mfa_authenticator_delete", args=[row.pk])
    assert root.post(gone, {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.filter(user=anna, type="totp").exists()
    assert log_in(Client())["Location"] == "/"
