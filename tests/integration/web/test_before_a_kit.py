"""An empty database: every page opens, and who may set up is shown the way."""

from __future__ import annotations

import pytest
from django.test import Client

from people.models import Role
from tests import factories

pytestmark = pytest.mark.django_db
NEED_A_KIT = ("/rejections/", "/routes/", "/reports/scores/", "/kit/")


@pytest.mark.parametrize(
    ("role", "way"), [(Role.REVOPS, True), (Role.MANAGER, False)], ids=["revops", "manager"]
)
def test_a_page_that_needs_a_kit_is_empty_and_leads_to_one(role: Role, way: bool) -> None:
    client = Client()
    client.force_login(factories.user("alone", role=role))
    adds = () if way else ("/leads/add/",)  # RevOps adds none, whether there is a kit or not
    for path in (*NEED_A_KIT, *adds):
        answer = client.get(path)
        text = answer.content.decode()
        assert (answer.status_code, path) == (200, path)
        assert "No kit is in force" in text
        assert ("/set-up/customer/" in text, path) == (way, path)
        assert "manage.py" not in text
    for path in ("/inbox/", "/leads/", "/search/palette/?q=add"):
        assert "/leads/add/" not in client.get(path).content.decode(), path
    for path in adds:
        refused = client.post(path, {"email": "b@example.com"})
        assert refused.status_code == 409
        assert "RevOps sets the company up" in refused.content.decode()


def test_a_page_of_refusal_speaks_plainly_and_leads_where_its_reader_can_go() -> None:
    gone = Client().get("/invitations/x:y/").content.decode()
    for told in ("No longer valid", "Ask who invited you", "To the log-in"):
        assert told in gone
    for raw in ("410", "Gone", "inbox", "cannot be read"):
        assert raw not in gone
    client = Client(enforce_csrf_checks=True)
    client.force_login(factories.user("alone"))
    asked = {"HTTP_REFERER": "http://testserver/time/?day=1"}
    stale = client.post("/notices/read/", **asked)
    assert stale.status_code == 403
    assert 'href="/time/?day=1"' in stale.content.decode()
    asked = {"HTTP_REFERER": "http://elsewhere.example/time/"}
    assert "elsewhere" not in client.post("/notices/read/", **asked).content.decode()
