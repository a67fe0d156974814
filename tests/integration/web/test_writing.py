"""Writing to buyers in the console: the server, templates, a mail with its undo."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from core import database
from leads.models import Lead
from lifecycle import mailboxes
from lifecycle.models import Mailbox, MailTemplate, OutgoingMail
from people.models import Role, User
from tests import factories, mail_sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> User:
    company = factories.company(now=database.now() - dt.timedelta(days=1), reps=("anna",))
    User.objects.filter(pk=company.reps[0].pk).update(email="anna@ours.test")
    return User.objects.get(pk=company.reps[0].pk)


@pytest.fixture
def lead(anna: User) -> Lead:
    return factories.capture(
        now=database.now(), person={"first_name": "Mara", "email": "mara@nordwind.de", "title": ""}
    )


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_mail_begins_with_a_template_and_is_taken_back(anna: User, lead: Lead) -> None:
    mailboxes.save(by=anna, host="smtp.ours.test", port=587, security="STARTTLS")
    template = MailTemplate.objects.create(
        name="First word", subject="For {{company}}", body="Dear {{first_name}}, as {{title}}"
    )
    client, url = client_of(anna), reverse("console:lead-action", args=[lead.pk, "email"])
    page = client.get(url, {"template": template.pk}).content.decode()
    assert "Dear Mara, as {{title}}" in page
    assert "Not known of them: job title" in page
    refused = client.post(url, {"subject": "A", "body": "as {{title}}"})
    assert (refused.status_code, OutgoingMail.objects.count()) == (422, 0)
    client.post(url, {"subject": "A", "body": "Dear Mara"})
    answer = client.post(url, {"subject": "A", "body": "Dear Mara"})  # a slow second click
    mail = OutgoingMail.objects.get()
    told, again = get_messages(answer.wsgi_request)
    assert (told.message, told.extra_tags) == (again.message, again.extra_tags)
    assert told.extra_tags == reverse("console:mail-undo", args=[mail.pk])
    shown = client.get(reverse("console:lead", args=[lead.pk])).content.decode()
    assert "Your mails on their way" in shown
    assert {client.post(told.extra_tags).status_code for _ in range(2)} == {303}
    mail.refresh_from_db()
    assert mail.state == "CANCELLED"
    other = factories.rep("other", pools=[])
    assert client_of(other).post(told.extra_tags).status_code == 404


def test_the_server_is_saved_tried_and_never_shown(anna: User, settings: Any) -> None:
    settings.ALLOW_PRIVATE_PROVIDERS = True
    client, url = client_of(anna), reverse("console:mail-server")
    with mail_sink.serving() as (sink, port):
        asked = {"host": "127.0.0.1", "port": port, "security": "NONE"}
        client.post(url, asked)
        client.post(url, {"test": "1"})
        assert sink.to == ["anna@ours.test"]
    assert Mailbox.objects.get().tested_at is not None
    client.post(url, {"test": "1"})
    assert "could not be reached" in client.get(url).content.decode()
    client.post(url, {**asked, "username": "anna", "password": "pass-word-1"})
    assert "pass-word-1" not in client.get(url).content.decode()
    refused = client.post(url, {**asked, "host": ""})
    assert (refused.status_code, "field__error" in refused.content.decode()) == (422, True)


def test_templates_are_ones_own_or_kept_by_who_keeps_the_companys(anna: User) -> None:
    nina = User.objects.create_user("keeper", role=Role.MARKETING)
    url, asked = reverse("console:mail-templates"), {"name": "Ours", "subject": "S", "body": "B"}
    client_of(nina).post(url, {**asked, "of_company": "on"})
    company = MailTemplate.objects.get()
    assert company.owner is None
    mine = client_of(anna)
    mine.post(url, {**asked, "name": "Mine", "of_company": "on"})
    own = MailTemplate.objects.get(name="Mine")
    assert own.owner == anna
    assert mine.post(url, {**asked, "template": company.pk}).status_code == 404
    assert client_of(nina).get(url, {"template": own.pk}).status_code == 404
    wrong = mine.post(url, {**asked, "template": own.pk, "body": "{{nobody}}"})
    assert (wrong.status_code, "There is no {{nobody}}." in wrong.content.decode()) == (422, True)
    mine.post(url, {"template": own.pk, "remove": "1"})
    page = mine.get(url).content.decode()
    assert "<bdi>Ours</bdi>" in page
    assert "<bdi>Mine</bdi>" not in page
