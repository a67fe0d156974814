"""Which internet domain stands for a company."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads import domains
from leads.domains import Because


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("acme.com", "acme.com"),
        ("ACME.com.", "acme.com"),
        ("www.acme.com", "acme.com"),
        ("mail.acme.co.uk", "acme.co.uk"),
        ("x@mail.acme.co.uk", "acme.co.uk"),
        ("mailto:ada@acme.com", "acme.com"),
        ("<ada@acme.com>", "acme.com"),
        ("https://www.Acme.com/path?x=1#y", "acme.com"),
        ("http://user:pw@acme.com:8080/", "acme.com"),
        ("//acme.com", "acme.com"),
        ("acme.com/about", "acme.com"),
        ("acme.com, acme.de", "acme.com"),
        ("http://acme.com\\@evil.com", "acme.com"),
        ("http://acme.com@evil.com/", "evil.com"),
        ("Müller.de", "xn--mller-kva.de"),
        ("xn--mller-kva.de", "xn--mller-kva.de"),
        ("straße.de", "xn--strae-oqa.de"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("ａｃｍｅ。com", "acme.com"),
        ("a.b.c.kobe.jp", "b.c.kobe.jp"),
        ("someone.github.io", "someone.github.io"),
        ("www.bakery.wordpress.com", "bakery.wordpress.com"),
        ("www.wordpress.com", "wordpress.com"),
        ("foo_bar.acme.com", "acme.com"),
        ("sales.acme.example", "acme.example"),
        ("acme.test", "acme.test"),
        ("co.uk", None),
        ("github.io", None),
        ("example", None),
        ("localhost", None),
        ("acme", None),
        ("Acme Inc.", None),
        ("St.Louis", None),
        ("n/a", None),
        ("n.a.", None),
        ("-", None),
        ("", None),
        ("acme.local", None),
        ("foo_bar.com", None),
        ("acme..com", None),
        ("192.168.0.1", None),
        ("http://192.168.0.1:80/", None),
        ("http://[::1]/", None),
        ("2130706433", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("x" * 300 + ".com", None),
        ("\0acme.com", None),
        ("acme\ud83d.com", None),
    ],
)
def test_the_registered_domain_is_found(raw: str, expected: str | None) -> None:
    assert domains.registrable_domain(raw) == expected


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"(https?://)?[a-z.@:/-]{1,30}\.(com|co\.uk|de)"))
def test_any_text_has_a_domain_or_none(raw: str) -> None:
    found = domains.registrable_domain(raw)
    if found is not None:
        assert found.isascii()
        assert found == found.lower()
        assert domains.registrable_domain(found) == found


@pytest.mark.parametrize(
    ("domain", "is_free", "is_disposable"),
    [
        ("gmail.com", True, False),
        ("GMX.de", True, False),
        ("yahoo.co.jp", True, False),
        ("qq.com", True, False),
        ("vip.qq.com", True, False),
        ("proton.me", True, False),
        ("mailinator.com", False, True),
        ("anything.mailinator.com", False, True),
        ("cuvox.de", False, True),
        ("acme.com", False, False),
        ("notgmail.com", False, False),
        ("gmail.com.acme.com", False, False),
        ("", False, False),
    ],
)
def test_mailboxes_anybody_can_have_are_known(
    domain: str, is_free: bool, is_disposable: bool
) -> None:
    assert domains.is_free_mail(domain) == is_free
    assert domains.is_disposable(domain) == is_disposable


@pytest.mark.parametrize(
    ("domain", "website", "email", "expected", "because"),
    [
        ("acme.com", "other.com", "x@third.com", "acme.com", Because.DOMAIN),
        ("", "https://www.other.com", "x@third.com", "other.com", Because.WEBSITE),
        (None, None, "x@mail.acme.co.uk", "acme.co.uk", Because.EMAIL),
        (None, " ", "info@acme.com", "acme.com", Because.EMAIL),
        (None, None, "x@gmail.com", None, Because.FREE_MAIL),
        ("gmail.com", None, None, None, Because.FREE_MAIL),
        (None, "gmail.com", "x@acme.com", "acme.com", Because.EMAIL),
        (None, None, "x@mailinator.com", None, Because.DISPOSABLE),
        (None, "CameraUpdate.com", "x@cuvox.de", "cameraupdate.com", Because.WEBSITE),
        (None, "linkedin.com/company/acme", "x@acme.com", "acme.com", Because.EMAIL),
        (None, "linkedin.com/company/acme", "x@gmail.com", None, Because.PROFILE_PAGE),
        (None, None, "x@google.com", "google.com", Because.EMAIL),
        (None, "n/a", None, None, Because.UNREADABLE),
        (None, None, None, None, Because.NOTHING_GIVEN),
    ],
)
def test_a_company_is_named_by_its_own_domain_only(
    domain: str | None,
    website: str | None,
    email: str | None,
    expected: str | None,
    because: Because,
) -> None:
    reading = domains.company_domain(domain=domain, website=website, email=email)
    assert reading == domains.DomainReading(expected, because)


PUBLIC_BOXES = ["gmail.com", "gmx.net", "yahoo.com.br", "mailinator.com", "mx.mailinator.com"]


@settings(max_examples=60, deadline=None)
@given(*[st.none() | st.sampled_from([*PUBLIC_BOXES, "acme.com", "acme.de", "?"])] * 3)
def test_free_and_throw_away_mail_never_names_a_company(
    domain: str | None, website: str | None, mail_domain: str | None
) -> None:
    email = f"ada@{mail_domain}" if mail_domain else None
    reading = domains.company_domain(domain=domain, website=website, email=email)
    assert reading.domain in (None, "acme.com", "acme.de")
