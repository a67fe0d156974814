"""A stand-in for the product, small enough to start at once: what the launcher needs of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from devtools.database import PROJECT

MANAGE = """
import os, signal, subprocess, sys, time
import psycopg

command = sys.argv[1]
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    if command == "migrate":
        if os.path.exists("broken"):
            sys.exit("the migration is broken")
        connection.execute("CREATE TABLE IF NOT EXISTS people_user (name text)")
    if command == "demo" and "--logins" in sys.argv:
        print("sam@example.com  (SDR)  demo")
    elif command == "demo":
        connection.execute("INSERT INTO people_user VALUES ('demo begun')")
        time.sleep(60 if os.path.exists("slow") else 0)
        connection.execute("INSERT INTO people_user VALUES ('demo done')")
if command == "worker":
    # A cluster in a process group of its own, as the product's has.
    cluster = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"],
                               start_new_session=True)
    def stop(*_):
        cluster.terminate()
        cluster.wait()
        sys.exit(0)
    signal.signal(signal.SIGTERM, stop)
    print("ERROR the worker has something to say", flush=True)
    while True:
        time.sleep(1)
"""
WSGI = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"fine"]
"""


def build(project: Path) -> None:
    """Lay a stand-in product with the real launcher into an empty folder."""
    shutil.copytree(PROJECT / "devtools", project / "devtools", ignore=_compiled)
    (project / "requirements.lock").write_text("# nothing\n")
    (project / "manage.py").write_text(MANAGE)
    (project / "leadgov").mkdir()
    (project / "leadgov" / "wsgi.py").write_text(WSGI)


_compiled = shutil.ignore_patterns("__pycache__")
