"""Pools and their ledgers of turns, for systems."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import database
from routing import entitlement, fairness, pool_rights
from routing.fairness import Line, PoolLedger, Standing
from routing.models import CreditEntry, Pool
from routing.strategies import Considered
from web.api import paging, shown
from web.api.bodies import Instant
from web.api.views import Door

Document = serializers.Serializer[Any]


class PoolRow(Document):
    """A pool and how it stands now."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    strategy = serializers.ChoiceField(Pool.Strategy.choices)
    manager = shown.Who(allow_null=True)
    members = serializers.IntegerField(help_text="Active ones.")
    at_work = serializers.IntegerField(
        allow_null=True,
        help_text="At work, or soon enough for the look-ahead, whether or not they have room. "
        "Null while no kit is in force.",
    )
    can_take = serializers.IntegerField(
        allow_null=True,
        help_text="Of them who can be given a lead now: at no cap. Null while no kit is in force.",
    )
    waiting = serializers.IntegerField(help_text="Leads in its queue.")
    waiting_for_people = serializers.IntegerField(
        help_text="Of them those that wait for somebody to claim them; the others wait for room."
    )
    oldest_at = Instant(allow_null=True)
    owed_least = serializers.FloatField(
        allow_null=True, help_text="In leads; null for who sees only their own figures."
    )
    owed_most = serializers.FloatField(allow_null=True)
    owed_to_you = serializers.FloatField(allow_null=True)


class CreditLines(Document):
    """The credit of a member over the period, in units of weight; the lines add up exactly."""

    opening = serializers.IntegerField()
    earned = serializers.IntegerField()
    paid = serializers.IntegerField()
    given_back = serializers.IntegerField()
    counted_again = serializers.IntegerField(
        help_text="Turns given back that count after all: the return was undone."
    )
    joined = serializers.IntegerField()
    corrected = serializers.IntegerField()
    credit = serializers.IntegerField()


class LedgerRow(Document):
    """One member over the period."""

    user = serializers.CharField()
    name = serializers.CharField()
    active = serializers.BooleanField()
    weight = serializers.IntegerField()
    entitled = serializers.FloatField(help_text="In leads.")
    received = serializers.IntegerField()
    given_back = serializers.IntegerField()
    owed = serializers.FloatField(help_text="In leads; below nought the member owes the pool.")
    could_have_taken = serializers.IntegerField()
    passed = serializers.DictField(
        child=serializers.IntegerField(), help_text="Turns that went past them, by why."
    )
    account = CreditLines()
    place = serializers.IntegerField(allow_null=True, help_text="In the next pick; 1 is next.")
    excluded = serializers.CharField(allow_null=True, help_text="Why they could take none now.")
    open_leads = serializers.IntegerField(allow_null=True)
    open_cap = serializers.IntegerField(allow_null=True)


class EntryRow(Document):
    """A change of the ledger that no pick made."""

    turn = serializers.IntegerField()
    user = shown.Who()
    why = serializers.ChoiceField(CreditEntry.Why.choices)
    note = serializers.CharField()
    change = serializers.IntegerField()
    credit = serializers.IntegerField()
    lead = serializers.SerializerMethodField()
    by = shown.Who(allow_null=True)
    at = Instant()

    def get_lead(self, entry: CreditEntry) -> str | None:
        """The lead whose turn was given back."""
        return str(entry.decision.lead_id) if entry.decision else None


class LedgerDocument(Document):
    """The ledger of a pool, as far as the caller may see it."""

    pool = serializers.CharField()
    period = serializers.ChoiceField(fairness.PERIODS)
    since = Instant(allow_null=True)
    turns = serializers.IntegerField()
    weights = serializers.IntegerField()
    sees_team = serializers.BooleanField()
    next_user = serializers.CharField(allow_null=True, help_text="For who sees the team's figures.")
    next_because = serializers.CharField(allow_null=True)
    members = LedgerRow(many=True)
    entries = EntryRow(
        many=True,
        help_text="The last 200 of the period, newest first; all are in pages at `entries/`.",
    )
    has_more_entries = serializers.BooleanField(help_text="Whether there are older ones.")


PERIOD = OpenApiParameter(
    "period",
    str,
    enum=[key for key, _ in fairness.PERIODS],
    description="Until now; months are UTC months.",
)


class PoolListView(Door):
    """The pools whose ledger this caller may open."""

    serializer_class = PoolRow

    @extend_schema(operation_id="list_pools", responses=PoolRow(many=True))
    def get(self, request: Request) -> Response:
        """List the pools: who is at work, what waits, how far apart shares are."""
        self.refuse_unknown(request, set())
        rows = fairness.standings(self.caller, now=database.now())
        return Response(PoolRow([_standing(one) for one in rows], many=True).data)


class LedgerView(Door):
    """The ledger of turns of one pool."""

    serializer_class = LedgerDocument

    @extend_schema(
        operation_id="get_pool_ledger",
        parameters=[PERIOD],
        responses=LedgerDocument,
    )
    def get(self, request: Request, key: str) -> Response:
        """Show what each member was entitled to, got and is owed; reps see their own figures."""
        self.refuse_unknown(request, {"period"})
        now = database.now()
        asked = request.query_params.get("period", "")
        period = fairness.period(asked, now=now, zone=dt.UTC)
        pool = fairness.pool_of(key, self.caller)
        found = fairness.ledger(pool, self.caller, period=period, now=now)
        changes = fairness.entries(pool, self.caller, since=period.since, sees_team=found.sees_team)
        return Response(LedgerDocument(_ledger(found, list(changes[: paging.MOST + 1]))).data)


class EntryListView(Door):
    """What changed the ledger of one pool beside picks."""

    serializer_class = EntryRow
    pagination_class = paging.KeysetPages
    keyset = ("id",)

    @extend_schema(
        operation_id="list_pool_ledger_entries", parameters=[PERIOD], responses=EntryRow(many=True)
    )
    def get(self, request: Request, key: str) -> Response:
        """List turns given back, joinings and corrections, newest first; reps see their own."""
        self.refuse_unknown(request, {"period", *paging.KeysetPages.names})
        asked = request.query_params.get("period", "")
        period = fairness.period(asked, now=database.now(), zone=dt.UTC)
        pool = fairness.pool_of(key, self.caller)
        sees = pool_rights.sees_team_of(self.caller, pool)
        rows = fairness.entries(pool, self.caller, since=period.since, sees_team=sees)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(EntryRow(page, many=True).data)


def _standing(one: Standing) -> dict[str, Any]:
    low, high = one.spread or (None, None)
    return {
        "key": one.pool.key,
        "label": one.pool.label,
        "strategy": one.pool.strategy,
        "manager": one.pool.manager,
        "members": one.members,
        "at_work": one.at_work,
        "can_take": one.can_take,
        "waiting": one.queued.count,
        "waiting_for_people": one.queued.for_people,
        "oldest_at": one.queued.oldest_at,
        "owed_least": _number(low),
        "owed_most": _number(high),
        "owed_to_you": _number(one.own),
    }


def _ledger(found: PoolLedger, entries: Sequence[CreditEntry]) -> dict[str, Any]:
    told = found.next.pick if found.next and found.sees_team else None
    return {
        "pool": found.pool.key,
        "period": found.period.key,
        "since": None if found.period.is_all else found.period.since,
        "turns": found.turns,
        "weights": found.weights,
        "sees_team": found.sees_team,
        "next_user": str(told.user) if told and told.user else None,
        "next_because": told.because if told else None,
        "members": [_line(one) for one in found.lines],
        "entries": entries[: paging.MOST],
        "has_more_entries": len(entries) > paging.MOST,
    }


def _line(one: Line) -> dict[str, Any]:
    share, account = one.share, one.account
    return {
        "user": one.user,
        "name": one.name,
        "active": one.active,
        "weight": one.weight,
        "entitled": _number(share.entitled),
        "received": share.received,
        "given_back": share.given_back,
        "owed": _number(one.owed),
        "could_have_taken": share.could,
        "passed": {
            why: share.passed[why]
            for why in (*entitlement.COULD_NOT, *entitlement.COULD)
            if share.passed[why]
        },
        "account": {
            "opening": account.opening,
            "earned": account.earned,
            "paid": account.paid,
            "given_back": account.given_back,
            "counted_again": account.counted_again,
            "joined": account.began,
            "corrected": account.corrected,
            "credit": account.credit,
        },
        **_now(one.standing),
    }


def _now(standing: Considered | None) -> dict[str, Any]:
    if standing is None:
        return {"place": None, "excluded": None, "open_leads": None, "open_cap": None}
    return {
        "place": standing.rank,
        "excluded": standing.excluded,
        "open_leads": standing.candidate.open_leads,
        "open_cap": standing.candidate.open_cap,
    }


def _number(amount: Fraction | None) -> float | None:
    return round(float(amount), 4) if amount is not None else None
