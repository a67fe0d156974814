"""Links to forms as old tools write them: visitors cannot mend them, so they open all the same."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    ["utm_campaign=M%FCnchen", "x=%00%ff", "a=%ED%A0%80&utm_source=news", "%FC=%FC", "a=b&&=&c"],
)
def test_a_link_in_another_encoding_opens_the_form(query: str) -> None:
    for address in (f"/f/demo/?{query}", f"/f/demo.js?{query}"):
        assert Client().get(address).status_code == 200


@pytest.mark.django_db
def test_what_can_be_read_is_kept() -> None:
    page = Client().get("/f/demo/?utm_campaign=M%FCnchen&bad=%00&utm_source=news")
    assert page.wsgi_request.GET.dict() == {"utm_campaign": "München", "utm_source": "news"}


@pytest.mark.django_db
def test_other_doors_still_say_what_is_wrong() -> None:
    assert Client().get("/healthz?a=%00").status_code == 400
