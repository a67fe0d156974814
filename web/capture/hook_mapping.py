"""What a webhook's body says, as a touch: values found by dotted paths, the rest kept. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from leads import cleansing, intake

MOST_KEPT = intake.MOST_FIELDS
LONGEST = 2_000
DEEPEST = 12
TARGETS = frozenset(
    [f"{section}.{name}" for section, names in intake.LIMITS.items() for name in names]
    + ["external_id", "occurred_at", "note", "consent", "person.full_name"]
)
"""What a path may fill."""


def touch(
    body: Mapping[str, Any],
    *,
    channel: str,
    paths: Mapping[str, str],
    constants: Mapping[str, str],
    signal: str,
) -> dict[str, Any]:
    """The touch that a body is. Without paths the body is one already, of this channel.

    Leaves that no path takes become fields, as many and as long as a touch holds.
    """
    if not paths:
        made = {**body, "channel": channel}
    else:
        made = {"channel": channel}
        for target, path in paths.items():
            value = at(body, path)
            if value not in (None, "") and not isinstance(value, dict | list):
                _put(made, target, value)
        taken = set(paths.values())
        made["fields"] = _kept({path: leaf for path, leaf in _leaves(body) if path not in taken})
    for target, value in constants.items():
        _put(made, target, value)
    _split_name(made)
    if signal:
        made["signals"] = _with_signal(made.get("signals"), signal)
    return made


def _with_signal(said: Any, signal: str) -> Any:
    """The signals of the body and this one; what is no list stays, for intake to name."""
    if said in (None, ""):
        return [{"kind": signal}]
    return [*said, {"kind": signal}] if isinstance(said, list) else said


def _split_name(made: dict[str, Any]) -> None:
    person = made.get("person")
    if not isinstance(person, dict):
        return
    full = person.pop("full_name", None)
    if isinstance(full, str) and not (person.keys() & {"first_name", "last_name"}):
        first, last = cleansing.split_full_name(full)
        person.update({"first_name": first[:120], "last_name": last[:120]})


def as_read(
    body: Mapping[str, Any],
    made: Mapping[str, Any],
    *,
    paths: Mapping[str, str],
    now: dt.datetime,
) -> dict[str, Any]:
    """What can be read of a body whose touch, `made`, is refused: people mend the rest.

    Values that stand where they belong stay there, those that cannot be read too if they are text;
    all others become fields under their paths.
    """
    payload = intake.read(made, now=now).payload
    own = payload.pop("fields", {})
    lost = {}
    for path, leaf in _leaves(body):
        target = next((one for one, where in paths.items() if where == path), "") if paths else path
        if path not in own and not _is_read(payload, target) and path != "channel":
            lost[path] = leaf
    fields = {**_kept(lost), **own}
    if len(fields) > MOST_KEPT:
        fields = _kept({**lost, **{name: str(one) for name, one in own.items()}})
    return {**payload, "fields": fields} if fields else payload


def _is_read(payload: Mapping[str, Any], target: str) -> bool:
    if target == "person.full_name":
        return any(at(payload, f"person.{name}") for name in ("first_name", "last_name"))
    return bool(target) and at(payload, target) not in (None, "")


def at(body: Any, path: str) -> Any:
    """The value at a dotted path such as contact.emails.0; None when there is none."""
    found = body
    for step in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, list) and step.isascii() and step.isdigit():
            found = found[int(step)] if int(step) < len(found) else None
        else:
            return None
    return found


def _kept(leaves: Mapping[str, str]) -> dict[str, str]:
    """As many as a touch holds, without what cannot be stored; and how many are left out."""
    named = {storable(path)[-80:]: storable(leaf)[:LONGEST] for path, leaf in leaves.items()}
    named.pop("", None)
    if len(named) <= MOST_KEPT:
        return named
    first = dict(list(named.items())[: MOST_KEPT - 1])
    return {**first, "…": f"{len(named) - len(first)} more values of the delivery are not kept."}


def storable(text: str) -> str:
    """Without what the database cannot hold or nobody can see."""
    return "".join(
        sign for sign in text if sign in "\n\t" or (sign.isprintable() and not _is_half(sign))
    )


def _is_half(sign: str) -> bool:
    return "\ud800" <= sign <= "\udfff"


def _put(made: dict[str, Any], target: str, value: Any) -> None:
    section, _, name = target.rpartition(".")
    if not section:
        made[target] = value
        return
    if made.get(section) is None:
        made[section] = {}
    if isinstance(made[section], dict):
        made[section] = {**made[section], name: value}


def _leaves(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _leaves(item, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(value, list):
        for place, item in enumerate(value[:MOST_KEPT]):
            yield from _leaves(item, f"{path}.{place}", depth + 1)
    elif value is not None and value != "":
        yield path, str(value)
