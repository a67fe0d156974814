"""The guide in the console: contents, search, pages, and the way there from each page."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people.models import Role
from tests import factories

pytestmark = pytest.mark.django_db

QUERIES = 6


def test_whoever_is_logged_in_reads_and_searches_the_guide() -> None:
    client = Client()
    assert client.get("/help/")["Location"].startswith("/accounts/login/")
    client.force_login(factories.user("fin", role=Role.FINANCE))
    page = client.get("/help/").content.decode()
    assert 'href="/help/work-the-inbox/"' in page
    found = client.get("/help/", {"q": "leave calendar"}).content.decode()
    assert 'href="/help/working-time/#the-leave-calendar"' in found
    assert "Nothing in the guide" in client.get("/help/", {"q": "<b>zzz"}).content.decode()
    with CaptureQueriesContext(connection) as asked:
        answer = client.get("/help/working-time/")
    assert len(asked) <= QUERIES
    shown = answer.content.decode()
    assert '<h2 id="the-leave-calendar">' in shown
    assert 'href="/help/clocks/#in-the-hours-of-whoever-holds-the-lead"' in shown
    assert client.get("/help/0001-one-directed-stack/").status_code == 404
    team = client.get("/team/calendar/").content.decode()
    assert 'href="/help/working-time/#the-leave-calendar" aria-label="Help about this page"' in team
