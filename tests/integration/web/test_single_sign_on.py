"""Log-in by the company's own accounts: against a real little provider on loopback."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import environ
import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from leadgov import single_sign_on
from people.models import Role, User
from tests import factories, logging_in, openid_server
from tests.openid_server import Provider

pytestmark = pytest.mark.django_db

BUTTON = "/accounts/oidc/company/login/"
CALLBACK = "/accounts/oidc/company/login/callback/"
ANNA = {"sub": "u-1", "email": "Anna@example.com", "email_verified": True, "name": "Anna"}
OIDC = {
    "LEADGOV_OIDC_ISSUER": "https://id.example.com/",
    "LEADGOV_OIDC_CLIENT_ID": "leadgov",
    "LEADGOV_OIDC_CLIENT_SECRET": "secret",
}


def settings_of(monkeypatch: pytest.MonkeyPatch, **values: str) -> single_sign_on.SingleSignOn:
    for name in (*OIDC, "LEADGOV_SAML_ENTITY_ID", "LEADGOV_SSO_DOMAINS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return single_sign_on.read(environ.Env())


@pytest.fixture
def provider(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with openid_server.serving() as server:
        read = settings_of(monkeypatch, **{**OIDC, "LEADGOV_OIDC_ISSUER": server.issuer})
        settings.SOCIALACCOUNT_PROVIDERS = read.providers
        server.claims = dict(ANNA)
        yield server


def come_back(client: Client, **changes: str) -> Any:
    """Go to the provider by the button, and come back as it would send us."""
    there = client.get(BUTTON)
    asked = {name: one[0] for name, one in parse_qs(urlsplit(there["Location"]).query).items()}
    assert asked["code_challenge_method"] == "S256"
    return client.get(CALLBACK, {"code": "one-time", "state": asked["state"], **changes})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_known_person_comes_in_by_a_verified_address_and_is_linked(provider: Provider) -> None:
    anna, client = factories.user("anna"), Client()
    assert BUTTON in client.get("/accounts/login/").content.decode()
    assert come_back(client)["Location"] == "/"
    assert client.session["_auth_user_id"] == str(anna.pk)
    assert provider.asked["code_verifier"]
    assert (SocialAccount.objects.get().uid, User.objects.count()) == ("u-1", 1)
    come_back(again := Client())
    assert is_in(again)
    provider.claims["email"] = "ben@example.com"  # the same account there, another address
    factories.user("ben")
    assert come_back(Client()).status_code == 403


@pytest.mark.parametrize(
    ("told", "person"),
    [
        ({"email": "nobody@example.com"}, {}),
        ({"email_verified": False}, {}),
        ({"email_verified": "false"}, {}),
        ({}, {"is_active": False}),
        ({}, {"role": Role.SERVICE}),
    ],
)
def test_nobody_else_comes_in_and_no_account_is_made(
    provider: Provider, told: dict[str, Any], person: dict[str, Any]
) -> None:
    factories.user("anna", **person)
    provider.claims |= told
    client = Client()
    answer = come_back(client)
    assert (answer.status_code, is_in(client)) == (403, False)
    assert b"That did not let you in" in answer.content
    assert (SocialAccount.objects.count(), User.objects.count()) == (0, 1)


def test_a_forged_way_back_and_two_subjects_are_refused(provider: Provider) -> None:
    factories.user("anna")
    assert come_back(client := Client(), state="forged").status_code == 403
    assert not is_in(client)
    provider.userinfo = {**ANNA, "sub": "u-2"}
    assert come_back(client).status_code == 403
    assert not is_in(client)


def test_a_provider_that_is_away_is_no_fault_of_ours() -> None:
    answer = Client().get(BUTTON)  # the settings of the tests name one that never answers
    assert (answer.status_code, b"does not answer" in answer.content) == (502, True)


def test_only_the_domains_of_the_company_if_such_are_set(provider: Provider, settings: Any) -> None:
    factories.user("anna")
    settings.SINGLE_SIGN_ON_DOMAINS = ("other.org",)
    assert come_back(Client()).status_code == 403
    settings.SINGLE_SIGN_ON_DOMAINS = ("example.com",)
    assert come_back(Client()).status_code == 302


def test_the_second_factor_is_asked_for_all_the_same(provider: Provider) -> None:
    logging_in.somebody()
    client = Client()
    logging_in.log_in(client)
    logging_in.set_up(client)
    assert come_back(other := Client())["Location"] == "/accounts/2fa/authenticate/"
    assert not is_in(other)


def test_an_account_of_somebody_else_is_not_linked_while_logged_in(provider: Provider) -> None:
    factories.user("anna")
    client = Client()
    client.force_login(factories.user("ben"))
    there = client.get(f"{BUTTON}?process=connect")
    state = parse_qs(urlsplit(there["Location"]).query)["state"][0]
    assert client.get(CALLBACK, {"code": "one-time", "state": state}).status_code == 403
    assert not SocialAccount.objects.exists()


class TestSettings:
    """What the environment says, and what it lacks."""

    def test_nothing_is_loaded_and_shown_while_nothing_is_set(
        self, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = settings_of(monkeypatch)
        assert (read.apps, read.ways) == ((), ())
        settings.SINGLE_SIGN_ON_WAYS = read.ways
        assert "Log in with" not in Client().get("/accounts/login/").content.decode()

    @pytest.mark.parametrize(
        ("values", "said"),
        [
            ({"LEADGOV_OIDC_CLIENT_ID": ""}, "LEADGOV_OIDC_CLIENT_ID must be"),
            ({"LEADGOV_OIDC_ISSUER": "http://id.example.com"}, "https://"),
        ],
    )
    def test_what_is_missing_is_said(
        self, monkeypatch: pytest.MonkeyPatch, values: dict[str, str], said: str
    ) -> None:
        with pytest.raises(ImproperlyConfigured, match=said):
            settings_of(monkeypatch, **{**OIDC, **values})

    def test_missing_packages_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
        with pytest.raises(ImproperlyConfigured, match=r"pip install 'leadgov\[sso\]'"):
            settings_of(monkeypatch, **OIDC)
        saml = {"LEADGOV_SAML_ENTITY_ID": "https://idp.example.com"}
        with pytest.raises(ImproperlyConfigured, match=r"pip install 'leadgov\[saml\]'"):
            settings_of(monkeypatch, **saml)
