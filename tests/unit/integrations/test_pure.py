"""Signatures, pauses and verdicts of outgoing webhooks, without a database."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import answers, retrying, signing
from lifecycle.outbound.failing import Failed
from lifecycle.outbound.fetching import Reply
from web.capture import signatures

NOW = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)


def test_the_example_of_the_specification_is_signed_as_it_says() -> None:
    found = signing.headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        at=dt.datetime.fromtimestamp(1614265330, dt.UTC),
        secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ""],
    )
    assert found == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(st.binary(min_size=24, max_size=64), st.binary(min_size=24, max_size=64), st.binary())
def test_a_receiver_with_either_secret_takes_it_and_nobody_else(
    one: bytes, two: bytes, body: bytes
) -> None:
    secrets = [signing.new_secret(one), signing.new_secret(two)]
    sent = signing.headers("event_1_1", body, at=NOW, secrets=secrets)

    def fault(secret: str, *, body: bytes = body) -> str:
        return signatures.fault(
            signatures.Scheme.STANDARD, secrets=[secret], header="", headers=sent, body=body,
            now=NOW,
        )  # fmt: skip

    assert [fault(one) for one in secrets] == ["", ""]
    assert fault(signing.new_secret(b"another secret of enough bytes"))
    assert fault(secrets[0], body=body + b" ")


def test_ten_attempts_are_spread_over_three_days() -> None:
    waits = [retrying.pause(number, share=0) for number in range(1, 11)]
    assert waits[-1] is None
    known = [one for one in waits if one is not None]
    assert known == sorted(known)
    assert sum(known, dt.timedelta()) == dt.timedelta(hours=75, minutes=35, seconds=5)


@given(st.integers(1, 9), st.floats(0, 1), st.none() | st.integers(0, 10**5))
def test_nobody_comes_back_sooner_than_asked_nor_much_later_than_planned(
    number: int, share: float, asked: int | None
) -> None:
    plain = retrying.pause(number, share=0)
    wait = retrying.pause(number, share=share, asked=asked)
    assert plain is not None
    assert wait is not None
    assert wait >= min(dt.timedelta(seconds=asked or 0), dt.timedelta(days=1))
    assert plain <= wait <= max(plain * 1.1, dt.timedelta(days=1))


def test_an_endpoint_rests_ever_longer_but_not_for_ever() -> None:
    rests = [retrying.rest(failures) for failures in range(60)]
    assert rests[:5] == [None] * 5
    known = [one for one in rests if one is not None]
    assert known == sorted(known)
    assert (known[0], known[-1]) == (dt.timedelta(seconds=10), dt.timedelta(minutes=10))


@pytest.mark.parametrize(
    ("status", "arrived", "gone"),
    [(200, True, False), (202, True, False), (204, True, False), (301, False, False),
     (307, False, False), (400, False, False), (401, False, False), (404, False, False),
     (410, False, True), (429, False, False), (500, False, False), (503, False, False)],
)  # fmt: skip
def test_only_what_was_taken_has_arrived(status: int, arrived: bool, gone: bool) -> None:
    verdict = answers.of(Reply(status, b"canary", 30))
    assert (verdict.arrived, verdict.gone, verdict.for_good) == (arrived, gone, False)
    assert bool(verdict.why) is not arrived
    assert "canary" not in verdict.why


def test_a_refused_address_is_not_tried_again_and_a_lost_answer_is() -> None:
    assert answers.of_failure(Failed("It resolves inside.", for_good=True)).for_good
    assert not answers.of_failure(Failed("No complete answer.")).for_good
