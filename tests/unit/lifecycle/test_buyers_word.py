"""Which touches are the buyer's own word, by channel, by what came with them, and by when."""

from __future__ import annotations

import datetime as dt

import pytest

from leads.models import Channel
from lifecycle import turns

NOW = dt.datetime(2026, 3, 3, 10, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize("channel", Channel.values)
@pytest.mark.parametrize("did", [True, False])
def test_lists_are_no_word_nor_what_others_tell_unless_the_buyer_did_something(
    channel: str, did: bool
) -> None:
    own = turns.is_word(channel, did=did, at=NOW, contacted_at=None)
    if channel in ("IMPORT", "OUTBOUND"):
        assert not own
    else:
        assert own is (did or channel not in ("EVENT", "REFERRAL", "PARTNER"))


@pytest.mark.parametrize(("at", "own"), [(NOW - HOUR, False), (NOW, False), (NOW + HOUR, True)])
def test_what_was_before_we_reached_out_is_no_answer(at: dt.datetime, own: bool) -> None:
    assert turns.is_word("FORM", did=True, at=at, contacted_at=NOW) is own
    assert turns.asks_again("FORM", stage="SAL", at=at, contacted_at=NOW) is own
    assert not turns.asks_again("FORM", stage="WON", at=at, contacted_at=NOW)
    assert not turns.asks_again("FORM", stage="SAL", at=at, contacted_at=None)
