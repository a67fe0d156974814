"""A million buyers of the past in minutes: a few thousand go the real way, then rows are copied.

Copies are made inside the database, with ids and unique values moved on and the indexes of each
table made anew afterwards. What the invariants say of the first ones holds for the copies.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from bench import _company
from core import database
from leads.models import Account, Lead, Outbox, Person
from leads.stages import Stage
from lifecycle import actions, decay, intake, pipeline
from people.models import User

SEEDS = 2_000
BATCH = 500
SPAN = 1_000_000
"""How far the ids of one copy are moved on; the first rows of every table are fewer."""
PAST = dt.timedelta(days=60)
REASONS = ("no_interest", "not_involved", "no_budget")
OWN = {
    ("leads_person", "email"): "replace({c}, '@', '@n' || n || '-')",
    ("leads_person", "last_name"): "{c} || ' ' || n",
    ("leads_person", "name_key"): "CASE {c} WHEN '' THEN '' ELSE {c} || ' ' || n END",
    ("leads_account", "domain"): "'n' || n || '-' || {c}",
    ("leads_account", "name"): "{c} || ' ' || n",
    ("leads_account", "name_key"): "{c} || ' ' || n",
    ("leads_accountalias", "value"): "'n' || n || '-' || {c}",
    ("leads_touch", "idempotency_key"): "{c} || '-' || n",
    ("routing_decision", "turn"): "{c} + n * {SPAN}",
    ("leads_touch", "receipt"): (
        "jsonb_set(jsonb_set({c}, '{{lead}}', to_jsonb((lead_id + n * {SPAN})::text)),"
        " '{{touch}}', to_jsonb((id + n * {SPAN})::text))"
    ),
    ("leads_leadevent", "because"): (
        "CASE WHEN {c} ? 'touch'"
        " THEN jsonb_set({c}, '{{touch}}', to_jsonb(({c}->>'touch')::bigint + n * {SPAN}))"
        " WHEN {c} ? 'activity' AND {c}->>'activity' IS NOT NULL"
        " THEN jsonb_set({c}, '{{activity}}', to_jsonb(({c}->>'activity')::bigint + n * {SPAN}))"
        " ELSE {c} END"
    ),
}
"""How columns of a copy differ from the first row's: what is unique, and ids inside documents."""
KEYS = (
    "CASE kind WHEN 'PHONE' THEN {c} || lpad(n::text, 3, '0')"
    " WHEN 'EMAIL' THEN replace({c}, '@', '@n' || n || '-') ELSE {c} || '-n' || n END"
)
for _table in ("leads_identitykey", "leads_contactpoint"):
    OWN[(_table, "value")] = KEYS


def grow(leads: int, *, boss: User) -> None:
    """Have about `leads` leads, all of them of the past: worked, answered or never asked for."""
    if not Lead.objects.exists():
        _seed(min(leads, SEEDS))
        _work(database.now() - PAST / 2, boss)
        _settle()
    first = Lead.objects.filter(pk__lt=SPAN).count()
    copies = round((leads - Lead.objects.count()) / first)
    if copies > 0:
        _copy(copies)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def known(chance: random.Random) -> tuple[int, str]:
    """Number and place of some buyer of the crowd, for `_company.touch`."""
    newest = Lead.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    copy = chance.randrange(newest // SPAN + 1)
    return chance.randrange(SEEDS), f"n{copy}-" if copy else ""


def world() -> list[type[models.Model]]:
    """Every table that holds rows of leads, their people and companies, and their history."""
    found: list[type[models.Model]] = [Person, Account, Lead]
    known = {*found, *(one.history.model for one in found if hasattr(one, "history"))}
    found = list(known)
    while True:
        more = [
            model
            for model in apps.get_models()
            if model not in known and any(_points_at(field, known) for field in _columns(model))
        ]
        if not more:
            return sorted(found, key=lambda model: model._meta.db_table)
        found += more
        known |= set(more)


def _points_at(field: Any, known: set[type[models.Model]]) -> bool:
    return field.is_relation and field.related_model in known


def _columns(model: type[models.Model]) -> list[Any]:
    return list(model._meta.concrete_fields)


def _seed(leads: int) -> None:
    chance = random.Random(11)
    start = database.now() - PAST
    for number in range(0, leads, BATCH):
        at = start + number * (PAST / 2) / leads
        places = range(number, min(number + BATCH, leads))
        bodies = [_company.touch(chance, place) for place in places]
        keys = [f"s{place}" for place in places]
        received = intake.receive(bodies, scope="seed", keys=keys, now=at)
        pipeline.advance([one.touch_id for one in received if one.touch_id], now=at)


def _work(at: dt.datetime, boss: User) -> None:
    """Everybody who has an owner is called, and then nobody has one."""
    for place, lead in enumerate(Lead.objects.exclude(owner=None, queue="").order_by("pk")):
        actions.log_activity(lead_id=lead.pk, by=boss, kind="CALL", now=at)
        if lead.stage == Stage.MQL:
            reason = REASONS[place % len(REASONS)]
            actions.reject(lead_id=lead.pk, by=boss, reason=reason, now=at)
        else:
            actions.close_request(lead_id=lead.pk, by=boss, now=at)


def _settle() -> None:
    """What faded since is looked at, and everybody has been told of everything."""
    now = database.now()
    while decay.run(now=now, limit=SEEDS):
        pass
    Outbox.objects.update(done_at=now)


def _copy(copies: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM leads_lead")
        first = cursor.fetchone()[0] // SPAN + 1
        # Neither triggers nor foreign keys: what is copied has passed them.
        cursor.execute(
            "SET LOCAL session_replication_role = replica; SET LOCAL statement_timeout = 0"
        )
        for model in world():
            indexes = _drop_indexes(cursor, model)
            cursor.execute(_statement(model), [first, first + copies - 1])
            for definition in indexes:
                cursor.execute(definition)
            _move_sequence(cursor, model)


def names(model: type[models.Model]) -> str:
    """The columns of a table, for SQL."""
    return ", ".join(field.column for field in _columns(model))


def _statement(model: type[models.Model]) -> str:
    table, key = model._meta.db_table, model._meta.pk.column
    return (
        f"INSERT INTO {table} ({names(model)}) SELECT {_moved(model)} FROM "
        f"generate_series(%s::bigint, %s::bigint) AS n, {table} WHERE {key} < {SPAN} ORDER BY n"
    )


def _moved(model: type[models.Model]) -> str:
    """The columns of copy `n` of a row."""
    table, members = model._meta.db_table, set(world())
    plain = table.replace("_historical", "_", 1)
    chosen = []
    for field in _columns(model):
        column = field.column
        moves = (
            field.primary_key
            or _points_at(field, members)
            or (plain != table and column == "id")
            or column == "evidence_id"
        )
        own = OWN.get((plain, column), "{c}")
        chosen.append(f"{column} + n * {SPAN}" if moves else own.format(c=column, SPAN=SPAN))
    return ", ".join(chosen)


def _drop_indexes(cursor: Any, model: type[models.Model]) -> list[str]:
    """Take away the indexes that guard nothing; returns how to make them again."""
    cursor.execute(
        "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i "
        "JOIN pg_class c ON c.oid = i.indexrelid "
        "WHERE i.indrelid = %s::regclass AND NOT i.indisunique AND NOT i.indisexclusion",
        [model._meta.db_table],
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _, definition in found]


def _move_sequence(cursor: Any, model: type[models.Model]) -> None:
    table, key = model._meta.db_table, model._meta.pk.column
    cursor.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), m) "
        f"FROM (SELECT max({key}) AS m FROM {table}) AS t WHERE m IS NOT NULL"
    )
