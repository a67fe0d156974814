"""Keys of machines: made once, stored hashed, refused with the reason, revoked at once."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from people.models import ApiKey, Role, User

pytestmark = pytest.mark.django_db
SCHEMA = "/api/v1/leads/"


def run(*arguments: str) -> str:
    told = io.StringIO()
    call_command("api_key", *arguments, stdout=told, stderr=io.StringIO())
    return told.getvalue().strip()


def ask(key: str) -> Any:
    return Client().get(SCHEMA, headers={"Authorization": key})


def test_a_key_is_printed_once_and_works() -> None:
    key = run("website", "--scope", "read")
    assert ask(f"Api-Key {key}").status_code == 200
    stored = ApiKey.objects.get()
    assert key not in {stored.digest, stored.token_key}
    assert key not in run("--list")
    assert stored.user.role == Role.SERVICE
    assert not stored.user.has_usable_password()


def test_two_keys_of_one_service_may_share_its_user() -> None:
    run("website", "--scope", "capture")
    username = ApiKey.objects.get().user.username
    run("website 2026", "--scope", "capture", "--user", username)
    assert User.objects.filter(role=Role.SERVICE).count() == 1


def test_a_revoked_key_is_refused_on_the_next_request() -> None:
    key = run("website", "--scope", "read")
    run("website", "--revoke")
    answer = ask(f"Api-Key {key}")
    assert answer.status_code == 401
    assert "revoked" in answer.json()["detail"]
    assert answer["WWW-Authenticate"] == "Api-Key"
    assert ApiKey.objects.filter(revoked_at__isnull=False).exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"expiry": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "expired"),
        ({"user.is_active": False}, "inactive"),
    ],
    ids=str,
)
def test_a_key_that_has_ended_is_401_with_the_reason(change: dict[str, Any], told: str) -> None:
    key = run("website", "--scope", "read")
    if "expiry" in change:
        ApiKey.objects.update(**change)
    else:
        User.objects.filter(role=Role.SERVICE).update(is_active=False)
    answer = ask(f"Api-Key {key}")
    assert answer.status_code == 401
    assert told in answer.json()["detail"]
    assert ApiKey.objects.exists()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Api-Key",
        "Api-Key ",
        "Api-Key wrong",
        f"Api-Key {'0' * 64}",
        f"Api-Key {'0' * 64} more",
        f"Api-Key {'G' * 64}",
        "Api-Key caf\u00e9",
        f"Api-Key {'a' * 10_000}",
        "Bearer something",
        "Token something",
    ],
    ids=lambda header: header[:24],
)
def test_no_usable_key_is_401(header: str) -> None:
    answer = ask(header)
    assert answer.status_code == 401
    assert answer["Content-Type"].startswith("application/problem+json")


def test_its_use_is_noted_once_a_day(django_assert_num_queries: Any) -> None:
    key = run("website", "--scope", "read")
    ask(f"Api-Key {key}")
    assert ApiKey.objects.get().last_used_date is not None
    with django_assert_num_queries(2):
        ask(f"Api-Key {key}")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--scope", "read"], "Name the key"),
        (["  ", "--scope", "read"], "Name the key"),
        (["x" * 81, "--scope", "read"], "80"),
        (["a\nb", "--scope", "read"], "printable"),
        (["website", "--scope", "admin"], "admin"),
        (["website"], "required"),
        (["nobody", "--revoke"], "nobody"),
        (["website", "--scope", "read", "--user", "ghost"], "ghost"),
    ],
    ids=str,
)
def test_a_wrong_call_says_what_to_do(arguments: list[str], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        run(*arguments)
    assert not ApiKey.objects.exists()


def test_a_name_is_taken_once() -> None:
    run("website", "--scope", "read")
    with pytest.raises(CommandError, match="already"):
        run("website", "--scope", "write")


def test_a_service_never_acts_as_a_person_of_the_same_name() -> None:
    User.objects.create(username="service-website", email="w@x.test", role=Role.REVOPS)
    with pytest.raises(CommandError, match="service user"):
        run("website", "--scope", "read")
