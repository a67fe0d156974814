"""Hosts of referring pages, and what kind of page they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import referrers


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://www.Google.de/search?q=x", "www.google.de"),
        ("//cdn.example.org:8080/a", "cdn.example.org"),
        ("example.org/path", "example.org"),
        ("https://user:secret@example.org/", "example.org"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("https://example.org./", "example.org"),
        ("newsletter", ""),
        ("", ""),
        ("http://[broken", ""),
        ("javascript:alert(1)", ""),
        ("https://a b.example/", ""),
        ("https://" + "x" * 300 + ".de/", ""),
    ],
)
def test_the_host_of_a_referrer(text: str, host: str) -> None:
    assert referrers.host_of(text) == host


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("www.google.de", "SEARCH"), ("google.co.uk", "SEARCH"), ("search.yahoo.com", "SEARCH"),
        ("notgoogle.example", "WEBSITE"), ("mail.google.com", "MAILBOX"), ("t.co", "SOCIAL"),
        ("m.facebook.com", "SOCIAL"), ("de.linkedin.com", "SOCIAL"), ("x.com", "SOCIAL"),
        ("xing.com", "SOCIAL"), ("at.co", "WEBSITE"), ("gemini.google.com", "ASSISTANT"),
        ("acme.example", "WEBSITE"), ("", None),
    ],
)  # fmt: skip
def test_what_kind_of_page_a_host_is(host: str, kind: str | None) -> None:
    assert referrers.kind_of(host) == kind


@given(st.text())
def test_no_text_breaks_the_reading_of_a_referrer(text: str) -> None:
    host = referrers.host_of(text)
    assert len(host) <= referrers.HOST_LENGTH
    assert host == referrers.host_of(f"https://{host}/") or not host
