"""People whose data looks like a mistake and is not. Every one of them must be taken."""

from __future__ import annotations

from itertools import cycle, islice

NAMES = [
    ("Conan", "O'Brien"), ("Sinéad", "O’Connor"), ("陳", "怡君"), ("", "陳"), ("Teller", ""),
    ("", "Prince"), ("Null", "Null"), ("Jennifer", "Null"), ("None", "Undefined"), ("True", "False"),
    ("NaN", "Kumar"), ("Test", "Tester"), ("Admin", "Root"), ("Li", "Na"), ("X Æ A-12", "Musk"),
    ("Jean-Luc", "Picard"), ("María José", "García-Márquez y López"), ("Björk", "Guðmundsdóttir"),
    ("Ştefan", "Țăran"), ("Łukasz", "Żółć"), ("Ивáн", "Петров"), ("Αθηνά", "Παπαδοπούλου"),
    ("محمد", "عبد الله"), ("דוד", "בן־גוריון"), ("नरेन्द्र", "शर्मा"), ("สมชาย", "ใจดี"), ("김", "민준"),
    ("さくら", "山田"), ("𠮷野", "太郎"), ("Nguyễn", "Thị Minh Khai"), ("ʻĀnela", "Kealoha"),
    ("J.", "R."), ("A", "B"), ("Dr. h.c. mult.", "von und zu Guttenberg"), ("d'", "Artagnan"),
    ("Hubert Blaine", "Wolfeschlegelsteinhausenbergerdorff Sr."), ("Robert'); --", "Tables"),
    ("Mary  Ann", "St. John-Smythe"), ("José", "Pérez, Jr."), ("B&B", "<Ltd>"), ("=Equal", "+Plus"),
    ("@at", "-dash"), ("Zoë 😀", "Emoji"), ("👩‍👩‍👧", "Family"), ("e\u0301ric", "combining"),
    ("\u202eRTL", "override"), ("zero\u200bwidth", "joiner\u200d"), ("100%", "Sure"), ("C:\\", "Temp"),
    ("{{ 7*7 }}", "${7*7}"), ("../../etc", "passwd"), ("Ø", "Å"), ("İpek", "Işık"), ("ẞ", "Groß"),
    ("N’Golo", "Kanté"), ("Xi", "Jinping"), ("Ng", "Ng"), ("U", "Nu"), ("Sukarno", ""), ("Pelé", ""),
    ("Guest", "User"), ("Deleted", "User"), ("Anonymous", "Coward"), ("Select", "Drop"),
]  # fmt: skip

LOCAL_PARTS = [
    "jane", "j", "jane.doe", "jane+leads", "jane-doe", "jane_doe", "jane'o", "1234567890", "x" * 64,
    "a.b.c.d.e.f", "JANE.DOE", "jane!x", "jane#x", "jane$x", "jane%x", "jane&x", "jane*x", "jane=x",
    "jane?x", "jane^x", "jane`x", "jane{x", "jane|x", "jane}x", "jane~x", "_", "--", "jörg", "用户",
    "пётр", "δοκιμή", "null", "info", "no-reply", "postmaster",
]  # fmt: skip

DOMAINS = [
    "example-firm.de", "firm.co.uk", "xn--mller-kva.de", "müller.de", "例子.cn", "пример.рф",
    "a.bc", "sub.sub.sub.firm.com", "1.de", "123.com", "firm.museum", "firm.international",
    "UPPER.COM", "gmail.com", "x-" + "y" * 55 + ".com",
]  # fmt: skip


def odd_but_right(count: int = 200) -> list[dict[str, str]]:
    """So many people, every name, local part and domain among them at least once."""
    mixed = zip(cycle(NAMES), cycle(LOCAL_PARTS), cycle(DOMAINS), strict=False)
    return [
        {"first_name": first, "last_name": last, "email": f"{local}@{domain}"}
        for (first, last), local, domain in islice(mixed, count)
    ]
