"""What a message of a page means."""

from __future__ import annotations

import json

import pytest

from web.capture import page_signals

RULES = (("/pricing*", "pricing_page_view"), ("/*/thanks", "demo_request"), ("/exact", "trial"))


@pytest.mark.parametrize(
    ("path", "pattern", "fits"),
    [
        ("/pricing", "/pricing", True),
        ("/pricing/", "/pricing", False),
        ("/pricing/eu", "/pricing*", True),
        ("/en/pricing", "/pricing*", False),
        ("/en/pricing", "*/pricing", True),
        ("/en/pricing/eu", "*pricing*", True),
        ("/a/b/c", "/a/*/c", True),
        ("/a/c", "/a/*/c", False),
        ("/aba", "/ab*ba", False),
        ("/x", "*", True),
    ],
)
def test_a_star_stands_for_anything(path: str, pattern: str, *, fits: bool) -> None:
    assert page_signals.fits(path, pattern) is fits


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"url": "https://a.example/pricing?x=1#y"}, "pricing_page_view"),
        ({"url": "/en/thanks"}, "demo_request"),
        ({"url": "/exact"}, "trial"),
        ({"url": "/other"}, "page_view"),
        ({}, "page_view"),
        ({"url": "//[broken"}, "page_view"),
        ({"url": "/pricing", "kind": "video_watched"}, "video_watched"),
        ({"url": "/pricing", "kind": "demo_request"}, ""),
    ],
)
def test_a_page_is_what_the_first_rule_says_and_sends_only_what_it_may(
    said: dict[str, str], kind: str
) -> None:
    found = page_signals.kind_of(
        said, rules=RULES, events=("video_watched",), page_signal="page_view"
    )
    assert found == kind


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"\xff", b"{}", b'{"visitor": 7}', b'{"visitor": "v", "email": "a@b.de"}',
     b"[" * 5000],
)  # fmt: skip
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\."):
        page_signals.read(body)


def test_a_page_cannot_say_who_its_visitor_is() -> None:
    said = page_signals.read(json.dumps({"visitor": "v", "id": "1", "url": "/x?y"}).encode())
    made = page_signals.signal(said, "page_view", origin="https://a.example")
    assert made == {
        "kind": "page_view", "visitor": "v", "source_id": "1", "url": "https://a.example/x",
    }  # fmt: skip
