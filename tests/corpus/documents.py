"""Bodies that are no touch, as bytes, and what an answer may be. Never 2xx, never 5xx."""

from __future__ import annotations

import json

GOOD = {"channel": "FORM", "person": {"email": "mara@nordwind-logistik.de"}}
TEXT = json.dumps(GOOD)


def _with(pair: str) -> bytes:
    return (TEXT[:-1] + ", " + pair + "}").encode()


NOT_JSON: dict[str, bytes] = {
    "empty": b"",
    "blank": b"  \n",
    "cut": TEXT[:-5].encode(),
    "trailing": TEXT.encode() + b"}",
    "two": TEXT.encode() * 2,
    "single quotes": b"{'channel': 'FORM'}",
    "comma": b'{"channel": "FORM",}',
    "comment": b"/* x */ {}",
    "utf-16": TEXT.encode("utf-16"),
    "utf-32": TEXT.encode("utf-32"),
    "latin-1": _with('"note": "caf\u00e9"').decode().encode("latin-1"),
    "cesu-8": _with('"note": "?"').replace(b"?", b"\xed\xa0\xbd\xed\xb8\x80"),
    "overlong": _with('"note": "?"').replace(b"?", b"\xc0\x80"),
    "raw NUL": _with('"note": "a\x00b"'),
    "control": _with('"note": "a\x07b"'),
    "NaN": _with('"note": NaN'),
    "Infinity": _with('"note": Infinity'),
    "-Infinity": _with('"fields": {"x": -Infinity}'),
    "1e400": _with('"company": {"employees": 1e400}'),
    "-1e400": _with('"company": {"annual_revenue": -1e400}'),
    "endless number": _with('"company": {"employees": ' + "9" * 5000 + "}"),
    "duplicate": _with('"channel": "PHONE"'),
    "inner duplicate": _with('"company": {"name": "a", "name": "b"}'),
    "deep list": b"[" * 5000 + b"]" * 5000,
    "deep object": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "deep enough": _with('"fields": {"x": ' + "[" * 25 + "]" * 25 + "}"),
    "form": b"channel=FORM&person.email=a%40b.de",
    "xml": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
    "pickle": b"\x80\x04\x95\x0b\x00\x00\x00.",
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
}

NOT_A_TOUCH: dict[str, object] = {
    "null": None,
    "number": 1,
    "text": "touch",
    "truth": True,
    "list": [GOOD],
    "nothing": {},
    "no channel": {"person": GOOD["person"]},
    "channel list": {**GOOD, "channel": ["FORM"]},
    "channel object": {**GOOD, "channel": {}},
    "channel unknown": {**GOOD, "channel": "FAX"},
    "no person": {"channel": "FORM"},
    "person list": {**GOOD, "person": []},
    "person text": {**GOOD, "person": "mara"},
    "e-mail list": {**GOOD, "person": {"email": ["a@b.de"]}},
    "e-mail object": {**GOOD, "person": {"email": {"a": "b"}}},
    "e-mail truth": {**GOOD, "person": {"email": True}},
    "two e-mails": {**GOOD, "person": {"email": "a@b.de, c@d.de"}},
    "e-mail with header": {**GOOD, "person": {"email": "a@b.de\r\nBcc: c@d.de"}},
    "long e-mail": {**GOOD, "person": {"email": "x" * 400 + "@b.de"}},
    "long name": {"channel": "FORM", "person": {"email": "a@b.de", "first_name": "x" * 121}},
    "signals text": {**GOOD, "signals": "demo_request"},
    "signals objects": {**GOOD, "signals": {"kind": "demo_request"}},
    "signal list": {**GOOD, "signals": [["demo_request"]]},
    "signal kind": {**GOOD, "signals": [{"kind": "Demo Request"}]},
    "signal dunder": {**GOOD, "signals": [{"kind": "__class__"}]},
    "too many signals": {**GOOD, "signals": [{"kind": "page_view"}] * 201},
    "fields list": {**GOOD, "fields": ["a"]},
    "field object": {**GOOD, "fields": {"a": {"b": 1}}},
    "too many fields": {**GOOD, "fields": {f"f{n}": 1 for n in range(501)}},
    "source category": {**GOOD, "source": {"category": "MAGIC"}},
    "consent list": {**GOOD, "consent": [True]},
    "note object": {**GOOD, "note": {"a": 1}},
    "long note": {**GOOD, "note": "x" * 5001},
    "company text": {**GOOD, "company": "Nordwind"},
    **{
        f"mass assignment of {name}": {**GOOD, name: value}
        for name, value in {
            "owner": 1, "owner_id": 1, "stage": "WON", "score": 100, "is_staff": True, "id": 1,
            "version": 9, "created_at": "2020-01-01T00:00:00Z", "accepted_at": None, "lead": "1",
            "person_id": 1, "account_id": 1, "status": "ADVANCED", "historical": True, "receipt": {},
            "idempotency_scope": "user:1", "__proto__": {"admin": True}, "constructor": {},
        }.items()
    },
    **{
        f"mass assignment of person.{name}": {**GOOD, "person": {**GOOD["person"], name: 1}}  # type: ignore[dict-item]
        for name in ("id", "pk", "merged_into", "created_at", "history", "user", "password")
    },
    **{
        f"mass assignment of company.{name}": {**GOOD, "company": {"name": "x", name: 1}}
        for name in ("id", "owner", "status", "created_at", "name_key")
    },
}  # fmt: skip

DATES: dict[object, bool] = {
    "2026-02-28T23:59:59Z": True,
    "2026-02-28T23:59:59.999999+00:00": True,
    "2024-02-29T12:00:00Z": True,
    "2026-01-01T00:00:00+14:00": True,
    "2026-01-01T00:00:00-12:00": True,
    "2026-01-01T00:00:00-00:00": True,
    "2026-01-01T00:00:00+05:45": True,
    "20260101T000000Z": True,
    "2025-10-26T02:30:00+01:00": True,
    "2026-02-29T12:00:00Z": False,
    "2026-02-30T12:00:00Z": False,
    "2026-13-01T12:00:00Z": False,
    "2026-01-01T24:00:01Z": False,
    "2026-01-01T23:59:60Z": False,
    "2026-01-01T12:00:00": False,
    "2026-01-01": False,
    "0000-01-01T00:00:00Z": False,
    "0001-01-01T00:00:00+14:00": False,
    "9999-12-31T23:59:59-14:00": False,
    "9999-12-31T23:59:59Z": False,
    "1899-12-31T00:00:00Z": False,
    "10000-01-01T00:00:00Z": False,
    "2026-01-01T00:00:00+25:00": False,
    "yesterday": False,
    "now": False,
    1767225600: False,
    -1: False,
    1e300: False,
    True: False,
}
