"""How one is mailed of notices is one's own choice; RevOps choose for who chose nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lifecycle import preferences
from lifecycle.models import Mode, NoticePreference, Topic
from people.models import Role, User
from tests import small_company as company

pytestmark = pytest.mark.django_db
MINE = "console:notice-choices"
OF_COMPANY = "console:notice-choices-company"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def choice(**changed: Any) -> dict[str, Any]:
    chosen = dict.fromkeys(Topic.values, Mode.AT_ONCE.value)
    return {**chosen, "digest_hours": ["8", "16"], **changed}


def test_somebody_chooses_for_themselves_and_it_is_kept_with_its_history() -> None:
    ana = company.person("Ana")
    page = client_of(ana).get(reverse(MINE)).content.decode()
    assert page.count("checked") == len(Topic) + 1  # at once, and the digest at nine
    answer = client_of(ana).post(reverse(MINE), choice(OVERDUE="DIGEST", off_hours="on"))
    assert answer.status_code == 303
    kept = preferences.of([ana.pk])[ana.pk]
    assert (kept.mode(Topic.OVERDUE), kept.mode(Topic.NEW_LEAD)) == (Mode.DIGEST, Mode.AT_ONCE)
    assert (kept.digest_hours, kept.off_hours) == ((8, 16), True)
    client_of(ana).post(reverse(MINE), choice(OVERDUE="OFF"))
    past = NoticePreference.objects.get(user=ana).history.order_by("history_id")
    assert [(row.modes["OVERDUE"], row.history_user) for row in past] == [
        ("DIGEST", ana),
        ("OFF", ana),
    ]


def test_the_companys_choice_holds_for_who_chose_nothing() -> None:
    ana, ben = company.person("Ana"), company.person("Ben")
    rita = company.person("Rita", role=Role.REVOPS)
    client_of(ben).post(reverse(MINE), choice())
    assert client_of(ana).post(reverse(OF_COMPANY), choice()).status_code == 403
    answer = client_of(rita).post(reverse(OF_COMPANY), choice(KIT="OFF", digest_hours=["7"]))
    assert answer.status_code == 303
    found = preferences.of([ana.pk, ben.pk])
    assert (found[ana.pk].mode(Topic.KIT), found[ana.pk].digest_hours) == (Mode.OFF, (7,))
    assert (found[ben.pk].mode(Topic.KIT), found[ben.pk].digest_hours) == (Mode.AT_ONCE, (8, 16))


@pytest.mark.parametrize(
    "wrong",
    [
        {"digest_hours": []},
        {"digest_hours": ["24"]},
        {"digest_hours": [str(hour) for hour in range(7)]},
        {"ESCALATED": "NEVER"},
        {"KIT": ""},
    ],
)
def test_what_cannot_be_chosen_is_said_and_not_kept(wrong: dict[str, Any]) -> None:
    answer = client_of(company.person("Ana")).post(reverse(MINE), choice(**wrong))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not NoticePreference.objects.exists()
