"""How fast leads go through the pipeline: `python -m bench pipeline [--existing 0,100000,1000000]`.

For each number of leads that are there already, batches of touches are received and advanced, fully
decided and routed, with log and field history; then the very rows that this wrote are written again
by COPY into the same tables, with their indexes, triggers and foreign keys. The ratio of the two is
what a machine's speed and its other guests do not change. Everything is thrown away afterwards;
`--keep NAME` keeps the database and goes on with it, as making a million leads takes a while.
"""

from __future__ import annotations

import argparse

from bench import _place


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--existing", default="0,20000", help="leads that are there already")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each")
    parser.add_argument("--batches", type=int, default=3, help="batches a round")
    parser.add_argument("--size", type=int, default=1_000, help="touches a batch")
    parser.add_argument("--keep", default="", metavar="NAME", help="keep the database; go on in it")
    parser.add_argument("--verify", action="store_true", help="ask all invariants at the end")
    given = parser.parse_args()
    _place.prepare()
    from bench import _bulk  # noqa: PLC0415 (after setup)

    sizes = sorted(int(word) for word in given.existing.split(","))
    _bulk.measure(
        sizes,
        _bulk.Load(given.rounds, given.batches, given.size),
        keep=given.keep,
        verify=given.verify,
    )


if __name__ == "__main__":
    main()
