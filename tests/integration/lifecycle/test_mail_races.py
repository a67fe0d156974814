"""Several workers at the same notices in the same instant: each is in one mail, sent once."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from typing import Any

import pytest
from django.core import mail as django_mail

from governance.kit import Kit
from lifecycle import bundling, mails, notices
from lifecycle.mails import Mailed
from lifecycle.models import Mail, Notice
from sla import sweeps
from tests import small_company as company
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = dt.timedelta(hours=1)


def test_workers_together_make_and_send_each_mail_once(
    kit: Kit, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    recent = bundling._recent

    def slowly(*given: Any) -> Any:
        time.sleep(0.3)  # between reading what waits and writing; without its lock all are there
        return recent(*given)

    monkeypatch.setattr(bundling, "_recent", slowly)
    people = [company.person(f"P{number}") for number in range(4)]
    for number, person in enumerate(people):
        for _ in range(1 + 4 * number):
            company.lead(owner=person, due_at=now + HOUR, now=now)
    later = now + 2 * HOUR
    sweeps.warn_and_breach(now=later)
    while notices.drain(now=later).done:
        pass
    jobs = [lambda: mails.send_due(now=later) for _ in range(4)]
    results = [one for _ in range(2) for one in together(jobs)]
    assert all(isinstance(one, Mailed) and not one.failed for one in results), results
    ids = Counter(one.extra_headers["Message-ID"] for one in django_mail.outbox)
    assert set(ids.values()) == {1}
    assert len(ids) == Mail.objects.filter(state="SENT").count()
    assert not Mail.objects.filter(state="WAITING").exists()
    assert not Notice.objects.filter(mail=None).exists()
    assert not Mail.objects.filter(told=None).exists()
    made = dict(Mail.objects.order_by("to").values_list("to", "notices").filter(digest=True))
    told = Counter(Notice.objects.filter(mail__digest=True).values_list("to", flat=True))
    assert made == told
