"""Mail as it really comes: read as far as it can be, refused only without a sender."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from lifecycle.mailroom import letter as letters
from lifecycle.mailroom import sorting
from lifecycle.mailroom.letter import Party
from lifecycle.mailroom.sorting import House, Kind


def mail(body: str = "Hello", **headers: str) -> bytes:
    told = {
        "From": "Mara Lindqvist <mara@nordwind.de>",
        "To": "sales@our.company",
        "Subject": "Prices",
        "Date": "Tue, 05 May 2026 11:30:00 +0200",
        "Message-ID": "<1@nordwind.de>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in told.items() if value]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def test_a_plain_mail_is_read() -> None:
    read = letters.read(mail("What does it cost?\n"))
    assert read.sender == Party("mara@nordwind.de", "Mara Lindqvist")
    assert read.id == "1@nordwind.de"
    assert read.sent_at == dt.datetime(2026, 5, 5, 9, 30, tzinfo=dt.UTC)
    assert read.note == "Prices\n\nWhat does it cost?"


@pytest.mark.parametrize(
    ("headers", "name", "address"),
    [
        ({"From": "=?utf-8?q?J=C3=B6rg_M=C3=BCller?= <j@x.de>"}, "Jörg Müller", "j@x.de"),
        ({"From": '"Müller, Jörg" <j@x.de>'}, "Müller, Jörg", "j@x.de"),
        ({"From": "j@x.de"}, "", "j@x.de"),
        ({"From": "<j@x.de>"}, "", "j@x.de"),
        ({"From": "=?utf-8?q?J=C3=B6rg?= <jörg@müller.de>"}, "Jörg", "jörg@müller.de"),
        ({"From": "李 <李@例え.jp>"}, "李", "李@例え.jp"),
        ({"From": 'J <"j..x"@x.de>'}, "J", '"j..x"@x.de'),
        ({"From": '"J, X" <"j x"@x.de>'}, "J, X", '"j x"@x.de'),
        ({"From": "Team: a@x.de, b@x.de;"}, "", "a@x.de"),
        ({"From": "", "Sender": "J <j@x.de>"}, "J", "j@x.de"),
        ({"From": "", "Reply-To": "j@x.de"}, "", "j@x.de"),
    ],
)
def test_senders_are_read_however_they_are_written(
    headers: dict[str, str], name: str, address: str
) -> None:
    assert letters.read(mail(**headers)).sender == Party(address, name)


def test_whom_an_answer_reaches_is_kept_apart_from_the_sender() -> None:
    read = letters.read(mail(From="noreply@forms.example", Reply_To="Tom <tom@fenwick.co.uk>"))
    assert read.sender.address == "noreply@forms.example"
    assert read.answer_to == Party("tom@fenwick.co.uk", "Tom")


@pytest.mark.parametrize(
    "raw",
    [b"", b"\r\n\r\nno headers", b"Dear all,\r\n\r\nhello", b"From us with love", b"\x00\xff" * 50],
)
def test_what_is_no_mail_is_refused_with_a_word(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        letters.read(raw)


@pytest.mark.parametrize(
    ("said", "address", "name"),
    [
        ("Kaputt <kein-mail@>", "kein-mail@", "Kaputt"),
        ('"Kim, Ex" <kim>', "kim", "Kim, Ex"),
        ("kaputt@@x.de", "kaputt@@x.de", ""),
        ("Kim Ex", "", "Kim Ex"),
        ("=?utf-8?q?J=C3=B6rg?= <j@>", "j@", "Jörg"),
        ("=?klingon?q?J?= <j@>", "j@", "=?klingon?q?J?="),
        ("<>", "", ""),
        ("", "", ""),
        ("MAILER-DAEMON", "", "MAILER-DAEMON"),
    ],
)
def test_a_sender_without_an_address_is_told_as_it_stands(
    said: str, address: str, name: str
) -> None:
    read = letters.read(mail("Call me", From=said))
    assert (read.sender, read.bounced) == (Party(address, name), name == "MAILER-DAEMON")
    assert read.text == "Call me"


def test_html_alone_becomes_its_visible_text() -> None:
    html = (
        "<style>p{}</style><p>Dear <b>team</b>,</p><div>how much?<br>Thanks</div><script>x</script>"
    )
    read = letters.read(mail(html, Content_Type="text/html; charset=utf-8"))
    assert read.text == "Dear team,\nhow much?\nThanks"


@pytest.mark.parametrize(
    "quote",
    [
        "On Mon, 4 May 2026 at 10:00, Anna <anna@our.company> wrote:",
        "Am 04.05.2026 um 10:00 schrieb Anna:",
        "-----Original Message-----",
        "> what we said before",
        "________________________________",
    ],
)
def test_only_what_was_written_now_is_kept(quote: str) -> None:
    read = letters.read(mail(f"Yes, please.\n\n{quote}\n> old\nold words\n"))
    assert read.text == "Yes, please."


def test_a_wrong_charset_loses_no_mail() -> None:
    raw = mail(Content_Type="text/plain; charset=klingon-8").replace(b"Hello", b"Gr\xfc\xdfe")
    assert "Gr" in letters.read(raw).text


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "Tue, 99 Foo 2026 11:30:00", "-1", "Thu, 1 Jan 1970 00:00:00 +0000",
     "Wed, 31 Dec 1969 23:59:59 -0000", "Fri, 31 Dec 9999 23:59:59 -2359"],
)  # fmt: skip
def test_a_date_nobody_can_read_is_none(date: str) -> None:
    assert letters.read(mail(Date=date)).sent_at is None


def test_without_an_id_the_same_mail_has_the_same_fingerprint() -> None:
    one, other = mail(Message_ID=""), mail("Other", Message_ID="")
    assert letters.read(one).id == letters.read(one).id != letters.read(other).id


@pytest.mark.parametrize(
    "headers",
    [
        {"From": "(" * 2000 + " Mara <mara@nordwind.de>"},
        {"Cc": "(" * 2000},
        {"Content-Type": "(" * 2000},
        {"Content-Type": "=?utf-7?q?+2AA-?="},
        {"Content-Transfer-Encoding": "(" * 2000},
    ],
)
def test_a_header_that_brings_the_library_down_loses_no_mail(headers: dict[str, str]) -> None:
    read = letters.read(mail("Hello", **headers))
    assert read.sender.address == "mara@nordwind.de"
    assert "Hello" in read.text


@pytest.mark.parametrize("depth", [50, 1000, 3000])
def test_parts_within_parts_are_read_or_refused(depth: int) -> None:
    heads = [f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}' for n in range(depth)]
    body = "\r\n".join([*heads[1:], "Content-Type: text/plain\r\n\r\nHello"])
    raw = mail("--b0\r\n" + body, Content_Type='multipart/mixed; boundary="b0"', MIME_Version="1.0")
    assert letters.read(raw).sender.address == "mara@nordwind.de"


@pytest.mark.parametrize("text", ["\ufb2c" * 50, "\u0958" * 50, "e\u0301" * 50, "\u212b"])
def test_letters_that_are_stored_longer_than_they_came_are_kept(text: str) -> None:
    read = letters.read(mail(text, Subject=text, Content_Type="text/plain; charset=utf-8"))
    assert read.text == read.subject == unicodedata.normalize("NFC", text)


def test_a_long_mail_with_many_attachments_fits_its_note() -> None:
    parts = [
        f'--b\r\nContent-Disposition: attachment; filename="{"x" * 70}{n}.pdf"\r\n\r\nx\r\n'
        for n in range(20)
    ]
    body = "--b\r\n\r\n" + "word " * 2000 + "\r\n" + "".join(parts) + "--b--\r\n"
    read = letters.read(
        mail(
            body, Subject="s" * 400, MIME_Version="1.0", Content_Type="multipart/mixed; boundary=b"
        )
    )
    assert len(read.note) <= 5_000
    assert "word" in read.note
    assert "Attached: xxx" in read.note


def test_attachments_are_named_not_kept() -> None:
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nSee the plan.\r\n--b\r\n"
        'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="plan.pdf"\r\n'
        "\r\nxxxx\r\n--b--\r\n"
    )
    read = letters.read(mail(body, MIME_Version="1.0", Content_Type="multipart/mixed; boundary=b"))
    assert read.note.endswith("Attached: plan.pdf")
    assert "xxxx" not in read.note


HOUSE = House(
    mailboxes={"anna@our.company": 7},
    blind={"log+k3@in.our.company": 7},
    domains=frozenset({"our.company"}),
)


@pytest.mark.parametrize(
    ("headers", "kind", "buyers"),
    [
        ({}, Kind.INBOUND, []),
        ({"From": "anna@our.company", "To": "mara@nordwind.de",
          "Delivered-To": "log+k3@in.our.company"}, Kind.LOGGED, ["mara@nordwind.de"]),
        ({"From": "Anna@Our.Company", "To": "mara@nordwind.de, tom@x.uk",
          "Cc": "boss@our.company"}, Kind.LOGGED, ["mara@nordwind.de", "tom@x.uk"]),
        ({"From": "anna@our.company", "To": "boss@our.company"}, Kind.INTERNAL, []),
        ({"From": "desk@our.company", "To": "mara@nordwind.de"}, Kind.INTERNAL, []),
        ({"To": "log+k3@in.our.company"}, Kind.INBOUND, []),
        ({"Auto-Submitted": "auto-replied"}, Kind.AUTOMATIC, []),
        ({"Precedence": "bulk"}, Kind.AUTOMATIC, []),
        ({"From": "site@our.company", "Reply-To": "mara@nordwind.de"}, Kind.INBOUND, []),
        ({"From": "site@our.company", "Reply-To": "mara@nordwind.de",
          "Auto-Submitted": "auto-generated"}, Kind.INBOUND, []),
        ({"From": "site@our.company", "Reply-To": "mara@nordwind.de",
          "Auto-Submitted": "auto-replied"}, Kind.AUTOMATIC, []),
        ({"From": "news@nordwind.de", "Auto-Submitted": "auto-generated"}, Kind.AUTOMATIC, []),
        ({"From": "MAILER-DAEMON@nordwind.de"}, Kind.AUTOMATIC, []),
    ],
)  # fmt: skip
def test_mail_is_sorted_by_who_wrote_to_whom(
    headers: dict[str, str], kind: Kind, buyers: list[str]
) -> None:
    found = sorting.decide(letters.read(mail(**headers)), HOUSE)
    assert found.kind is kind
    assert [one.address for one in found.buyers] == buyers
    assert found.by == (7 if kind is Kind.LOGGED else None)


@given(st.binary(max_size=400), st.text(max_size=60))
def test_whatever_comes_is_read_or_refused(noise: bytes, words: str) -> None:
    for raw in (noise, mail() + noise, mail(Subject=words.replace("\n", " ")) + noise):
        try:
            read = letters.read(raw)
        except InvalidInput:
            continue
        read.sender.address.encode()
        assert "\0" not in read.note
        read.note.encode()  # no half characters
