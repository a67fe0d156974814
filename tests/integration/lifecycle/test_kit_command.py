"""`manage.py kit`: what it prints, stores and exits with."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core import database
from governance import kit_yaml, selectors, services
from governance.models import KitStatus, KitVersion
from lifecycle import playbook
from people.models import Role, User
from routing.models import Pool
from tests import kit_versions


def kit(*arguments: str) -> str:
    out = io.StringIO()
    call_command("kit", *arguments, stdout=out)
    return out.getvalue()


def person(name: str, role: str) -> User:
    return User.objects.create(username=name, email=f"{name}@example.com", role=role)


@pytest.fixture
def ops(db: None) -> User:
    return person("olivia", Role.REVOPS)


def test_init_publishes_the_playbook_and_makes_the_pools_it_names(ops: User) -> None:
    assert "v1" in kit("init", "--by", "olivia@example.com")
    assert selectors.active_kit().number == 1
    assert set(Pool.objects.values_list("key", flat=True)) >= {"dach", "uk-nordics", "inbound"}
    with pytest.raises(CommandError, match="active already"):
        kit("init", "--by", "olivia")


def test_init_needs_somebody_who_may_sign(db: None) -> None:
    person("sid", Role.SDR)
    with pytest.raises(CommandError, match="may not sign"):
        kit("init", "--by", "sid")
    with pytest.raises(CommandError, match="no active user"):
        kit("init", "--by", "nobody")
    assert not KitVersion.objects.exists()


def test_the_playbook_is_what_export_writes(ops: User) -> None:
    kit("init", "--by", "olivia")
    assert kit("export") == playbook.PATH.read_text(encoding="utf-8")


def test_what_was_exported_can_be_imported_and_is_exported_the_same(
    ops: User, tmp_path: Path
) -> None:
    kit("init", "--by", "olivia")
    file = tmp_path / "kit.yaml"
    kit("export", "--output", str(file))
    kit("import", str(file), "--by", "olivia")
    assert kit("export", "2").encode() == file.read_bytes()
    assert "No difference" in kit("diff", "2")
    draft = KitVersion.objects.get(number=2)
    assert services.checksum(services.document_of(draft)) == selectors.active_kit().checksum


def test_diff_names_what_changed_and_exits_with_one(
    ops: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kit("init", "--by", "olivia")
    document = playbook.document()
    document["parts"]["clock_policy"][0]["minutes"] = 120
    del document["parts"]["reason"][-1]
    file = tmp_path / "changed.yaml"
    file.write_text(kit_yaml.dump(document))
    out = io.StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("kit", "diff", str(file), stdout=out)
    assert exit_.value.code == 1
    told = out.getvalue().splitlines()
    assert told[0] == "- Reason “No decision was made”: removed"
    assert told[-1] == "~ MQL clock “Route to Sales”: 4 h → 2 h working time"


def test_signing_and_publishing_a_draft(ops: User, tmp_path: Path) -> None:
    kit("init", "--by", "olivia")
    document = kit_versions.rules()
    document["parts"]["clock_policy"][0]["minutes"] = 120
    file = tmp_path / "faster.yaml"
    file.write_text(kit_yaml.dump(document))
    kit("import", str(file), "--by", "olivia", "--title", "Faster routing")
    person("sam", Role.MANAGER)
    person("mia", Role.MARKETING)
    with pytest.raises(CommandError, match="Nobody has simulated"):
        kit("submit", "2", "--by", "olivia", "--note", "Known.")
    kit_versions.simulated(KitVersion.objects.get(number=2), now=database.now())
    assert "awaits: Sales and Marketing" in kit("submit", "2", "--by", "olivia", "--note", "Known.")
    kit("sign", "2", "--by", "sam", "--as", "sales")
    with pytest.raises(CommandError, match="Missing: Marketing"):
        kit("publish", "2", "--by", "olivia")
    kit("sign", "v2", "--by", "mia", "--as", "marketing")
    kit("publish", "2", "--by", "olivia")
    assert KitVersion.objects.get(number=2).status == KitStatus.ACTIVE
    assert selectors.active_kit().policy("route").allowance.total_seconds() == 120 * 60


def test_show_says_the_kit_in_words(ops: User) -> None:
    kit("init", "--by", "olivia")
    text = kit("show")
    assert "Company size is between 50 and 5,000 employees" in text
    assert "signed for Approver by olivia" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show",), "No kit is active"),
        (("show", "7"), "no kit version “7”"),
        (("check", "/nowhere.yaml"), "cannot be read"),
        (("import", "/nowhere.yaml", "--by", "olivia"), "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    ops: User, arguments: tuple[str, ...], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        kit(*arguments)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema: 1\nparts: {stag: []}", "did you mean “stage”"),
        ("schema: 2\nparts: {}", "this release reads schema 1"),
        ("schema: 1\nparts:\n  stage:\n    - {key: mql, stage: MQL, labl: x}", "mean “label”"),
        ("schema: 1\nparts:\n  stage:\n    - {key: Mql!, stage: MQL, label: x}", "lower-case"),
        ("schema: 1\nparts:\n  signal:\n    - {key: a, label: 5}", "Must be text"),
        ("schema: 1\nparts:\n  signal: [{key: a, label: A}, {key: a, label: B}]", "twice"),
        ("schema: 1\nparts:\n  score_band:\n    - {key: a, label: A, at_least: true}", "a number"),
        ("parts: [", "Line 1"),
    ],
)  # fmt: skip
def test_an_import_names_the_place_of_each_fault_and_stores_nothing(
    ops: User, tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "kit.yaml"
    file.write_text(text)
    with pytest.raises(CommandError, match=message):
        kit("import", str(file), "--by", "olivia")
    assert not KitVersion.objects.exists()
