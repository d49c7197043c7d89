"""serve.py PALPATE [REQUESTS]: what one service and its database do here with every decision recorded: requests a second, how
long one takes, what it costs in processor time, memory and disk. Figures are printed, never tested. Needs ab (apache2-utils)
and takes both cores that it finds: the processor times vary less than the rest."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "it"))
from support import AS_OF, Postgres, Server, api_key, binary_argument, make_clinic, run  # noqa: E402

FIRST = {"subject": {"age_years": 46, "sex": "female", "ref": "bk-7741"},  # the request of README.md
         "complaints": [{"region": "lower_back", "pain": 5, "duration_days": 700}],
         "history": {"conditions": [{"id": "osteoporosis"}]}, "unlisted": "absent", "as_of": AS_OF}
binary = binary_argument()
requests = int(sys.argv[2]) if len(sys.argv) > 2 else 4000


class DurablePostgres(Postgres):
    """With what the tests leave out: a commit waits for the disk."""

    def start(self):
        self.run("pg_ctl", "-D", self.data, "-s", "-w", "-l", os.path.join(self.dir, "log"), "-o",
                 f"-c listen_addresses='' -c unix_socket_directories='{self.dir}'", "start")


def ticks(pid):
    """The processor time of a process and of its children that have ended, in seconds."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return sum(int(n) for n in f.read().rsplit(")", 1)[1].split()[11:15]) / os.sysconf("SC_CLK_TCK")
    except FileNotFoundError:
        return 0  # its parent has it


def database_time(pg):
    with open(os.path.join(pg.data, "postmaster.pid")) as f:
        first = f.readline().strip()
    children = subprocess.run(["pgrep", "-P", first], stdout=subprocess.PIPE, text=True).stdout.split()
    return sum(ticks(pid) for pid in [*children, first])


def memory(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) / 1024


def stored(pg):
    """(records, bytes of all that belongs to them, bytes of log written so far)"""
    return [int(n) for n in pg.sql(
        "select (select count(*) from palpate.screening), (select sum(pg_total_relation_size(c.oid)) from pg_class c"
        " where c.relnamespace = 'palpate'::regnamespace and c.relkind = 'r' and (c.relispartition or c.relname in"
        " ('record_chain', 'idempotency'))), pg_current_wal_lsn() - '0/0'").split("|")]


def measure(name, pg, server, key, clients, body):
    for n in (requests // 10, requests):  # the first ones warm up
        service, database, before = ticks(server.process.pid), database_time(pg), stored(pg)
        done = subprocess.run(["ab", "-q", "-k", "-l", "-n", str(n), "-c", str(clients), "-p", body, "-T", "application/json",
                               "-H", f"Authorization: Bearer {key}", f"http://{server.host}:{server.port}/v1/screenings"],
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout
        if "Non-2xx" in done:
            raise SystemExit(done)
    after = stored(pg)
    made = after[0] - before[0]
    of = dict(re.findall(r"^\s+(50|99)%\s+(\d+)", done, re.M))
    rate = float(re.search(r"Requests per second: +([0-9.]+)", done).group(1))
    service = (ticks(server.process.pid) - service) * 1000 / made
    database = (database_time(pg) - database) * 1000 / made
    print(f"{name}, {clients} clients: {rate:.0f} requests/s, half in {of['50']} ms, 99 % in {of['99']} ms; processor time "
          f"of one: service {service:.2f} ms, database {database:.2f} ms; stored {(after[1] - before[1]) / made:.0f} bytes, "
          f"log {(after[2] - before[2]) / made:.0f} bytes; memory of the service {memory(server.process.pid):.0f} MB")


pg = DurablePostgres()
try:
    database = pg.fresh_database()
    for command in (["migrate"], ["catalogue", "load"]):
        run(binary, *command, database=database).check_returncode()
    make_clinic(binary, database, "keeps", "--keep-payload")
    keys = {"request not kept": api_key(binary, database), "request kept": api_key(binary, database, "keeps")}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as body:
        json.dump(FIRST, body)
        body.flush()
        with Server(binary, database=database) as server:
            for name, key in keys.items():
                for clients in (1, 8, 64):
                    measure(name, pg, server, key, clients, body.name)
finally:
    pg.close()
