"""Which sites a form may name, and where it may send people on to. No database."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from web.models import HostedForm
from web.models.hosted_form import origins_in


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()),
        (" https://www.Example.com/ \n\nhttps://www.example.com:443", ("https://www.example.com",)),
        ("https://example.com:8443", ("https://example.com:8443",)),
        ("https://bücher.example", ("https://xn--bcher-kva.example",)),
        ("http://localhost:3000", ("http://localhost:3000",)),
    ],
)
def test_origins_are_kept_as_browsers_write_them(text: str, origins: tuple[str, ...]) -> None:
    assert origins_in(text) == origins


@pytest.mark.parametrize(
    "line",
    [
        "example.com", "*", "https://*.example.com", "http://example.com", "//example.com", "https://",
        "https://example.com/page", "https://example.com?x", "https://example.com#x", "'self'",
        "https://user@example.com", "https://example.com; script-src *", "https://a b.example",
        "https://example.com:99999", "https://exa,mple.com", "javascript:alert(1)", "data:,x", "https://[::1",
        "https://example..com", "https://ex\tample.com", "https://ex\u202eample.com", "null",
    ],
)  # fmt: skip
def test_what_is_no_single_origin_is_refused(line: str) -> None:
    with pytest.raises(ValidationError):
        origins_in(f"https://www.example.com\n{line}")


def form(redirect_url: str) -> HostedForm:
    return HostedForm(
        allowed_origins="https://www.example.com\nhttp://localhost:3000\nhttps://shop.example:8443",
        redirect_url=redirect_url,
    )


@pytest.mark.parametrize(
    "url",
    [
        "", "https://www.example.com/thanks?x=1#y", "https://WWW.example.com",
        "https://shop.example:8443/a",
    ],
)  # fmt: skip
def test_people_are_sent_on_to_the_sites_of_the_form(url: str) -> None:
    form(url).clean()


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/", "https://www.example.com.evil.example/", "https://example.com/",
        "http://www.example.com/", "//www.example.com/", "/\\www.example.com", "thanks",
        "https:www.example.com", "https:///www.example.com", "https://x@www.example.com/",
        "https://www.example.com@evil.example/", "https://evil.example\\@www.example.com/",
        "https://www.example.com:8443/", "javascript:alert(1)", "data:text/html,x",
        "https://shop.example/", "https://www.example.com%2eevil.example/",
        "https://www.exаmple.com/", "http://localhost:3000/", "https://www\t.example.com/",
        " https://www.example.com/", "https://www.example.com?x\n", "https://www.example.com#@evil",
    ],
)  # fmt: skip
def test_people_are_never_sent_anywhere_else(url: str) -> None:
    with pytest.raises(ValidationError):
        form(url).clean()
