"""Placeholders: only the known ones mean anything, and what is missing is told."""

from __future__ import annotations

import pytest

from lifecycle import mail_templates
from lifecycle.mail_templates import Filled

KNOWN = {"first_name": "Mara", "company": "{{my_name}}", "title": " "}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hello {{first_name}}", Filled("Hello Mara")),
        ("{{ first_name }}, {{first_name}}", Filled("Mara, Mara")),
        ("As {{title}}", Filled("As {{title}}", missing=("title",))),
        ("{{evil}}", Filled("{{evil}}", unknown=("evil",))),
        ("{{company}}", Filled("{{my_name}}")),  # what a buyer is called is never read again
        ("{% now %} {{a.b}} {{ }}", Filled("{% now %} {{a.b}} {{ }}")),
        ("", Filled("")),
    ],
)
def test_only_known_names_are_filled_in(text: str, filled: Filled) -> None:
    assert mail_templates.fill(text, KNOWN) == filled
