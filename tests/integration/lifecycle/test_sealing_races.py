"""Rows that are committed late are in the seal of their day: it waits for them."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection, transaction

from core import database
from leads.models import LeadEvent, Seal
from lifecycle.invariants import seals
from lifecycle.invariants.invariant import Context
from lifecycle.sealing import days
from lifecycle.sealing.days import Held
from tests import small_company

DAY = dt.timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_a_day_is_not_sealed_while_a_transaction_of_it_is_open() -> None:
    now = database.now()
    small_company.publish_kit(now=now)
    small_company.lead(now=now)
    written, go_on = threading.Event(), threading.Event()

    def late() -> None:
        try:
            with transaction.atomic():
                small_company.lead(now=database.now())
                written.set()
                go_on.wait(timeout=60)
        finally:
            connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    try:
        assert written.wait(timeout=60)
        tomorrow = now + DAY + days.GRACE
        (held,) = days.make_due(now=tomorrow)
        assert isinstance(held, Held)
        assert held.day == now.date()
        assert not Seal.objects.exists()
    finally:
        go_on.set()
        thread.join(timeout=60)
    (made,) = days.make_due(now=tomorrow)
    assert isinstance(made, Seal)
    assert made.count == LeadEvent.objects.count()
    context = Context(now=tomorrow, seals=0)
    assert not any(one.look(context).count for one in seals.INVARIANTS)
