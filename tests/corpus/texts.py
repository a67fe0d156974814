"""Texts that break systems. `UNSTORABLE` must be refused by name, all others kept as they are."""

from __future__ import annotations

UNSTORABLE = {
    "nul": "a\x00b",
    "nul alone": "\x00",
    "high surrogate": "a\ud83d",
    "low surrogate": "\ude00b",
    "surrogates turned round": "\ude00\ud83d",
}

UNICODE = [
    "😀", "👩🏽‍🚀", "👨‍👩‍👧‍👦", "🇩🇪🇫🇷", "𝒳𝓎𝓏", "𠜎𠜱𠝹", "\U0010fffd", "\ufffd", "\ufeffbom", "a\u0300" * 100,
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘", "ﬀ ﬁ ﬂ", "Ⅷ ½ ㎏", "ｆｕｌｌ", "ß ẞ SS", "İ i ı I",
]  # fmt: skip

DIRECTION = [
    "\u202emoc.elgoog\u202c", "\u202dabc", "\u2066x\u2069", "\u200fabc\u200e", "zero\u200bwidth",
    "\u2060join", "soft\u00adhyphen", "аррӏе.com", "pаypal.com", "line\u2028sep", "para\u2029sep",
]  # fmt: skip

MARKUP = [
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>", "<svg><animate onbegin=alert(1) attributeName=x>", "javascript:alert(1)",
    "<a href='java&#x09;script:alert(1)'>x</a>", "<iframe srcdoc='<script>alert(1)</script>'>",
    "<math><mtext></mtext><style><img src=x onerror=alert(1)></style></math>", "<!--<script>", "]]>",
    "{{ 7*7 }}", "{% debug %}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{{constructor.constructor('x')()}}",
    "<style>*{background:url(//evil.example)}</style>", "expression(alert(1))", "&lt;script&gt;", "&#0;",
    '" autofocus onfocus=alert(1) x="', "' onmouseover='alert(1)", "`onclick=alert(1)`", "\\x3cscript\\x3e",
]  # fmt: skip

FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://evil.example\",\"x\")",
    "＝1+1", "＋1", "－1", "＠x", ";=1", ",=1", "\"=1", "'=1", "\t=1", "=DDE(\"x\";\"y\")",
]  # fmt: skip

MAIL_HEADERS = [
    "Bob\r\nBcc: all@evil.example", "Bob\nSubject: free", "Bob%0d%0aBcc: x@y.z", "Bob\u2028Bcc: x",
    "Bob\rTo: x", "=?utf-8?b?QmNj?=", "a@b.c>, <d@e.f", "\"Bob\" <x@y.z>",
]  # fmt: skip

QUERIES = [
    "' OR 1=1 --", "'; DROP TABLE leads_lead; --", "\\'; SELECT pg_sleep(9); --", "%", "_", "\\",
    "%' ESCAPE '!", "$$", "1; COPY x TO PROGRAM 'id'", "admin'/*", "\" OR \"\"=\"", "{\"$gt\": \"\"}",
]  # fmt: skip

WORDS = [
    "null", "NULL", "None", "undefined", "NaN", "Infinity", "true", "false", "0", "-0", "1e309", "0x10",
    "__proto__", "constructor", "__class__", "toString", "[]", "{}", "''", "nil", "(null)", "con", "aux",
    "../../../etc/passwd", "..\\..\\boot.ini", "file:///etc/passwd", "%00", "%c0%af", "\\u0000", "\\0",
]  # fmt: skip

KEPT = [*UNICODE, *DIRECTION, *MARKUP, *FORMULAS, *MAIL_HEADERS, *QUERIES, *WORDS]
