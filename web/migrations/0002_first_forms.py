"""The two forms every company starts with; an existing form of that key stays as it is."""

from __future__ import annotations

from typing import Any

from django.db import migrations

CONTACT = [
    ("first_name", "First name", True),
    ("last_name", "Last name", True),
    ("email", "Work e-mail", True),
    ("company", "Company", True),
    ("phone", "Phone", False),
    ("note", "Your message", True),
]
DEMO = [
    ("first_name", "First name", True),
    ("last_name", "Last name", True),
    ("email", "Work e-mail", True),
    ("phone", "Phone", False),
    ("title", "Job title", False),
    ("company", "Company", True),
    ("country", "Country", True),
    ("employees", "Number of employees", False),
    ("industry", "Industry", False),
    ("note", "What would you like to see?", False),
]
FORMS = [
    (
        {
            "key": "demo",
            "title": "See it with your own process",
            "intro": "Tell us where to reach you. A specialist for your region answers in person.",
            "points": "Thirty minutes, on your questions\nWith somebody who knows your industry\n"
            "No obligation",
            "button": "Request a demo",
            "thanks": "Your request has arrived. Somebody will get in touch with you shortly.",
            "signal": "demo_request",
        },
        DEMO,
    ),
    (
        {
            "key": "contact",
            "title": "Talk to us",
            "intro": "Ask a question, or tell us what you need. A person reads every message.",
            "points": "An answer by a person\nUsually within one working day",
            "button": "Send message",
            "thanks": "Your message has arrived. Somebody will answer you shortly.",
            "signal": "contact_request",
        },
        CONTACT,
    ),
]


def create(apps: Any, schema_editor: Any = None) -> None:
    """Make each form, with its questions, that is not there yet."""
    form_model = apps.get_model("web", "HostedForm")
    question = apps.get_model("web", "FormQuestion")
    for words, asked in FORMS:
        consent = {"consent_words": "You may also send me news about your products."}
        form, made = form_model.objects.get_or_create(key=words["key"], defaults=words | consent)
        if made:
            question.objects.bulk_create(
                question(form=form, position=place, name=name, label=label, required=required)
                for place, (name, label, required) in enumerate(asked)
            )


class Migration(migrations.Migration):
    dependencies = [("web", "0001_hosted_forms")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
