"""Marketing makes and changes forms; what would not work is refused beside its field."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import factories, hosted_forms
from web.models import FormQuestion, HostedForm

PAGE = "/admin/web/hostedform/"
WORDS = {
    "key": "guide", "active": "on", "title": "The guide", "button": "Send it",
    "thanks": "Sent.",
    "signal": "demo_request", "language": "en", "consent_way": "EMAIL", "min_seconds": "2",
    "network_limit": "30", "form_limit": "600", "daily_limit": "1000",
    "allowed_origins": "https://www.ours.example", "redirect_url": "https://www.ours.example/guide",
}  # fmt: skip
EMAIL = {"position": "1", "name": "email", "label": "E-mail", "required": "on", "kind": "TEXT"}
SIZE = {"position": "2", "label": "Team size", "kind": "CHOICE", "options": "1-10\n11-50"}


@pytest.fixture
def marketing(db: None) -> Client:
    company = factories.company()
    hosted_forms.first()
    company.marketing.is_staff = True
    company.marketing.save(update_fields=["is_staff"])
    client = Client()
    client.force_login(company.marketing)
    return client


def sent(*questions: dict[str, str], **words: str) -> dict[str, str]:
    rows = {
        f"questions-{number}-{name}": value
        for number, question in enumerate(questions)
        for name, value in question.items()
    }
    management = {"questions-TOTAL_FORMS": str(len(questions)), "questions-INITIAL_FORMS": "0"}
    return {**WORDS, **rows, **management, **words}


def test_a_form_is_made_and_open_at_once(marketing: Client) -> None:
    answer = marketing.post(f"{PAGE}add/", sent(EMAIL, SIZE))
    assert answer.status_code == 302, answer.context["errors"]
    page = Client().get("/f/guide/").content.decode()
    assert "The guide" in page
    assert "Team size" in page
    form = HostedForm.objects.get(key="guide")
    shown = marketing.get(f"{PAGE}{form.pk}/change/").content.decode()
    assert "/f/guide.js" in shown
    assert form.history.get().history_user.username == "mark"


@pytest.mark.parametrize(
    ("questions", "words", "told"),
    [
        ([SIZE], {}, "Ask for an e-mail address or a phone number"),
        ([{**EMAIL, "required": ""}], {}, "Ask for an e-mail address or a phone number"),
        ([EMAIL, EMAIL], {}, "correct the duplicate"),
        ([EMAIL, {**SIZE, "options": ""}], {}, "Write the options"),
        ([EMAIL, {**SIZE, "label": "Form"}], {}, "Choose other words"),
        ([EMAIL], {"signal": "dream"}, "knows no signal"),
        ([EMAIL], {"allowed_origins": "ours.example"}, "is no origin"),
        ([EMAIL], {"redirect_url": "https://evil.example/"}, "one of the sites"),
        ([EMAIL], {"redirect_url": "//www.ours.example/"}, "one of the sites"),
        ([EMAIL], {"key": "demo"}, "already exists"),
        ([EMAIL], {"key": "Böse"}, "lower-case letters"),
        ([EMAIL], {"language": '"><b>'}, "language tag"),
        ([EMAIL], {"form_limit": "0"}, "greater than or equal to 1"),
    ],
    ids=str,
)
def test_what_would_not_work_is_refused(
    marketing: Client, questions: list[dict[str, str]], words: dict[str, str], told: str
) -> None:
    answer = marketing.post(f"{PAGE}add/", sent(*questions, **words))
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert not HostedForm.objects.filter(key="guide").exists()


def test_a_question_can_be_taken_out_and_its_past_stays(marketing: Client) -> None:
    form = HostedForm.objects.get(key="contact")
    rows = list(FormQuestion.objects.filter(form=form).order_by("position"))
    data: dict[str, Any] = {
        f"questions-{n}-{name}": getattr(row, name)
        for n, row in enumerate(rows)
        for name in ("position", "name", "label", "kind", "options", "help")
    }
    data |= {f"questions-{n}-id": row.pk for n, row in enumerate(rows)}
    data |= {f"questions-{n}-form": form.pk for n in range(len(rows))}
    data |= {f"questions-{n}-required": "on" for n, row in enumerate(rows) if row.required}
    gone = next(n for n, row in enumerate(rows) if row.name == "phone")
    data |= {f"questions-{gone}-DELETE": "on"}
    data |= {"questions-TOTAL_FORMS": len(rows), "questions-INITIAL_FORMS": len(rows)}
    words = {**WORDS, "title": "Write to us", "reason": "Nobody calls.", "redirect_url": ""}
    answer = marketing.post(f"{PAGE}{form.pk}/change/", words | data)
    assert answer.status_code == 302, answer.context["errors"]
    assert not FormQuestion.objects.filter(form=form, name="phone").exists()
    assert FormQuestion.history.filter(name="phone", history_type="-").exists()  # type: ignore[attr-defined]
    form.refresh_from_db()
    assert (form.key, form.title) == ("contact", "Write to us")
