"""How fast one touch is answered: `python -m bench capture [--clients 1,4] [--existing N]`.

A real web server as `make run` starts it, on a database of its own; touches of new buyers who ask
for a demo are posted one by one, each answered only when its lead is decided, has its owner and its
clocks. Beside it the same post with a body that is refused: what the way in costs by itself. At the
end one buyer is posted a thousand times at once. CPU is the server's and its database backends'.
"""

from __future__ import annotations

import argparse

from bench import _place


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", default="1,4", help="clients at the same time")
    parser.add_argument("--posts", type=int, default=400, help="posts of each measurement")
    parser.add_argument("--rounds", type=int, default=2, help="measurements of each")
    parser.add_argument("--existing", type=int, default=2_000, help="leads that are there already")
    parser.add_argument("--same", type=int, default=1_000, help="posts of one buyer, at once")
    parser.add_argument("--keep", default="", metavar="NAME", help="keep the database; go on in it")
    parser.add_argument("--verify", action="store_true", help="ask all invariants at the end")
    given = parser.parse_args()
    _place.prepare()
    from bench import _online  # noqa: PLC0415 (after setup)

    _online.measure(
        _online.Plan(
            clients=[int(word) for word in given.clients.split(",")],
            posts=given.posts,
            rounds=given.rounds,
            existing=given.existing,
            same=given.same,
        ),
        keep=given.keep,
        verify=given.verify,
    )


if __name__ == "__main__":
    main()
