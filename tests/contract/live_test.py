"""Schemathesis against the running service: with a database, records, stored catalogues and a key of every scope.

live_test.py SCHEMATHESIS PALPATE [CASES [SEED]]: up to CASES requests of each kind for each operation, 20 when not given;
the same SEED asks the same. Its own output goes before the result."""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "it"))
from support import Postgres, Server, Tap, api_key, make_clinic, run  # noqa: E402

tap = Tap()
schemathesis, binary = (os.path.abspath(p) for p in sys.argv[1:3])
cases, seed = (sys.argv[3:] + ["20", "1"][len(sys.argv) - 3:])[:2]


def tested(server, key):
    command = [schemathesis, "--config-file", os.path.join(HERE, "schemathesis.toml"), "run",
               os.path.join(ROOT, "api", "openapi.yaml"), "--url", f"http://{server.host}:{server.port}",
               "--max-examples", cases, "--seed", seed, "--no-color"]
    settings = {"PALPATE_KEY": key, "SCHEMATHESIS_HOOKS": os.path.join(HERE, "hooks.py"), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory() as folder:  # it leaves files where it runs
        r = subprocess.run(command, env={**os.environ, **settings}, cwd=folder, text=True, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT)
    print("\n".join("# " + line[:600] for line in r.stdout.splitlines()))
    return r


pg = Postgres()
try:
    database = pg.fresh_database()
    for command in (("migrate",), ("catalogue", "load")):
        run(binary, *command, database=database)
    make_clinic(binary, database, "test", "--keep-payload")
    with Server(binary, database=database) as s:
        r = tested(s, api_key(binary, database))
        tap.equal((r.returncode, s.process.poll()), (0, None), "every answer is as the document says, and the service lives")
        made = int(re.search(r"(\d+) generated", r.stdout).group(1))
        tap.ok(made > 100 * int(cases), f"{made} requests", made)
        operations = re.search(r"Operations:\s+(\d+) selected / (\d+) total", r.stdout).groups()
        tap.equal(operations[0], operations[1], f"to all {operations[1]} operations")
        phases = re.findall(r"✅\s+(Examples|Coverage|Fuzzing|Stateful) \(", r.stdout)
        tap.equal(phases, ["Examples", "Coverage", "Fuzzing", "Stateful"], "in every phase")
        links = int(re.search(r"API Links:\s+(\d+) covered", r.stdout).group(1))
        tap.ok(links >= 3, f"along {links} kinds of links", links)  # which ones hangs on what the service answered before
    r = run(binary, "records", "verify", "--clinic", "test", database=database)
    tap.equal(r.returncode, 0, "and the records are whole")
finally:
    pg.close()
tap.done()
