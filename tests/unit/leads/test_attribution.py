"""Where a touchpoint came from: the playbook's rules, stated sources, and kits without rules."""

from __future__ import annotations

from typing import Any

import pytest

from governance import facts, kit
from governance.kit import Kit
from leads import attribution, intake, touchpoint
from leads.touchpoint import Touchpoint
from lifecycle import playbook
from lifecycle.demo.buyers import WORDS
from tests.factories import NOW


def kit_of(*rules: dict[str, Any]) -> Kit:
    document = {"schema": 1, "parts": {"attribution_rule": list(rules)}}
    return kit.compile(
        document, id=1, number=1, checksum=kit.checksum(document), registry=facts.registry
    )


def rule(key: str, category: str, condition: Any = None) -> dict[str, Any]:
    return {"key": key, "label": key.title(), "category": category, "condition": condition}


PLAYBOOK = kit_of(*playbook.document()["parts"]["attribution_rule"])
VISIT = "https://www.ours.example/pricing"


def point(channel: str = "FORM", **source: str) -> Touchpoint:
    """What intake makes of this source."""
    body = {"channel": channel, "person": {"email": "a@firma.de"}, "source": source}
    reading = intake.read(body, now=NOW)
    assert not reading.errors, reading.errors
    return touchpoint.read(
        reading.payload,
        channel=reading.channel,
        utm_source=reading.utm_source,
        referrer_host=reading.referrer_host,
    )


@pytest.mark.parametrize(
    ("channel", "source", "category", "key"),
    [
        ("FORM", {"medium": "CPC", "source": "google"}, "PAID", "paid"),
        ("FORM", {"medium": "paid-social", "referrer": "https://t.co/x"}, "PAID", "paid"),
        ("FORM", {"medium": " Retargeting "}, "PAID", "paid"),
        ("FORM", {"click_id": "gclid=EAIaIQob", "landing": VISIT}, "PAID", "ad_click"),
        ("FORM", {"click_id": "msclkid=1", "medium": "organic"}, "PAID", "ad_click"),
        ("FORM", {"click_id": "LI_FAT_ID=1"}, "PAID", "ad_click"),
        ("FORM", {"click_id": "no-name-at-all"}, "PAID", "ad_click"),
        ("FORM", {"click_id": "fbclid=1", "referrer": "https://l.facebook.com/"}, "ORGANIC",
         "found_us"),
        ("FORM", {"medium": "organic"}, "ORGANIC", "owned_media"),
        ("FORM", {"medium": "newsletter"}, "ORGANIC", "owned_media"),
        ("FORM", {"source": "newsletter"}, "ORGANIC", "owned_media"),
        ("FORM", {"referrer": "https://www.google.co.uk/search"}, "ORGANIC", "found_us"),
        ("FORM", {"referrer": "duckduckgo.com"}, "ORGANIC", "found_us"),
        ("FORM", {"referrer": "https://www.linkedin.com/feed/"}, "ORGANIC", "found_us"),
        ("FORM", {"referrer": "https://chatgpt.com/"}, "ORGANIC", "found_us"),
        ("FORM", {"referrer": "https://notgoogle.example/"}, "REFERRAL", "other_website"),
        ("FORM", {"referrer": "https://blog.partner.example/a?b"}, "REFERRAL", "other_website"),
        ("FORM", {"referrer": "https://mail.google.com/", "landing": VISIT}, "UNKNOWN", ""),
        ("FORM", {"landing": VISIT}, "DIRECT", "direct"),
        ("FORM", {"medium": "(none)"}, "DIRECT", "direct"),
        ("FORM", {"landing": VISIT, "source": "somewhere"}, "UNKNOWN", ""),
        ("FORM", {"medium": "carrier pigeon", "referrer": "https://google.com"}, "UNKNOWN", ""),
        ("FORM", {}, "UNKNOWN", ""),
        ("FORM", {"partner": "Acme"}, "PARTNER", "partner"),
        ("PARTNER", {}, "PARTNER", "partner"),
        ("FORM", {"medium": "affiliate"}, "PARTNER", "partner"),
        ("EVENT", {}, "EVENT", "event"),
        ("EVENT", {"medium": "cpc"}, "PAID", "paid"),
        ("FORM", {"medium": "webinar"}, "EVENT", "event"),
        ("FORM", {"medium": "syndication"}, "CONTENT_SYNDICATION", "syndication"),
        ("OUTBOUND", {}, "OUTBOUND", "outbound"),
        ("TRIAL", {}, "SELF_SERVE", "self_serve"),
        ("PORTAL", {}, "SELF_SERVE", "self_serve"),
        ("REFERRAL", {}, "REFERRAL", "recommended"),
        ("SOCIAL", {}, "ORGANIC", "found_us"),
        ("INBOUND_EMAIL", {}, "UNKNOWN", ""),
        ("PHONE", {}, "UNKNOWN", ""),
        ("CHAT", {"landing": VISIT}, "DIRECT", "direct"),
        ("IMPORT", {}, "UNKNOWN", ""),
        ("IMPORT", {"category": "content syndication"}, "CONTENT_SYNDICATION", ""),
        ("FORM", {"category": "Self-Serve", "medium": "cpc"}, "SELF_SERVE", ""),
    ],
    ids=str,
)  # fmt: skip
def test_the_playbook_names_the_source_of_a_touchpoint(
    channel: str, source: dict[str, str], category: str, key: str
) -> None:
    found = attribution.of_touchpoint(PLAYBOOK, point(channel, **source))
    assert (found.category, found.rule) == (category, key)


@pytest.mark.parametrize(
    ("channel", "source", "category"),
    [
        ("FORM", {}, "UNKNOWN"),
        ("FORM", {"medium": "cpc"}, "UNKNOWN"),
        ("OUTBOUND", {}, "OUTBOUND"),
        ("EVENT", {}, "EVENT"),
        ("TRIAL", {"medium": "cpc"}, "SELF_SERVE"),
        ("REFERRAL", {}, "REFERRAL"),
        ("PARTNER", {}, "PARTNER"),
        ("PORTAL", {}, "UNKNOWN"),
        ("FORM", {"category": "paid"}, "PAID"),
        ("FORM", {"landing": VISIT}, "DIRECT"),
        ("FORM", {"landing": VISIT, "medium": "Paid-Social"}, "PAID"),
        ("FORM", {"landing": VISIT, "medium": "pigeon", "referrer": "https://x.de"}, "UNKNOWN"),
        ("FORM", {"landing": VISIT, "referrer": "https://www.bing.com/"}, "ORGANIC"),
        ("FORM", {"landing": VISIT, "referrer": "https://notgoogle.example/"}, "REFERRAL"),
    ],
    ids=str,
)
def test_a_kit_without_rules_means_what_it_meant_before(
    channel: str, source: dict[str, str], category: str
) -> None:
    found = attribution.of_touchpoint(kit_of(), point(channel, **source))
    assert (found.category, found.rule) == (category, "")


def test_the_first_rule_that_fits_decides() -> None:
    both = kit_of(
        rule("ads", "PAID", {"fact": "touch.medium", "op": "eq", "value": "cpc"}),
        rule("all", "DIRECT"),
    )
    assert attribution.of_touchpoint(both, point(medium="cpc")).rule == "ads"
    assert attribution.of_touchpoint(both, point(medium="mail")).rule == "all"


def test_a_stated_source_stands_against_every_rule_that_does_not_speak_of_it() -> None:
    partners = {
        "all": [
            {"fact": "touch.stated_category", "op": "eq", "value": "REFERRAL"},
            {"fact": "touch.partner", "op": "is_set"},
        ]
    }
    strict = kit_of(rule("all", "DIRECT"), rule("partners", "PARTNER", partners))
    stated = attribution.of_touchpoint(strict, point(category="paid"))
    assert (stated.category, stated.rule) == ("PAID", "")
    overruled = attribution.of_touchpoint(strict, point(category="referral", partner="Acme"))
    assert (overruled.category, overruled.rule) == ("PARTNER", "partners")


@pytest.mark.parametrize("name", sorted(WORDS["campaigns"]))
def test_the_demos_campaigns_come_out_as_they_are_meant(name: str) -> None:
    campaign = WORDS["campaigns"][name]
    found = attribution.of_touchpoint(PLAYBOOK, point(medium=campaign["medium"]))
    assert found.category == campaign["category"]
