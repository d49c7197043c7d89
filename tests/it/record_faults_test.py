"""PostgreSQL, and then the service, killed with -9 while clients screen: no record of an answer that was given is lost,
and no request is recorded twice. Clients do what they are told to: they repeat with the same Idempotency-Key."""
import http.client
import json
import os
import signal
import subprocess
import threading
import time

import contract
from support import CLEAN, Postgres, Server, Tap, api_key, binary_argument, run

CLIENTS, KILLS, SECONDS = 24, 3, 1.5
tap = Tap()
binary = binary_argument()
pg = Postgres()


class Clients:
    """Each sends one request after the other, each until it is answered; of every fifth it loses the answer."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.answers = {}  # Idempotency-Key -> the bodies of its answers
        self.refused = self.broken = 0
        self.lock = threading.Lock()
        self.stopping = False
        self.threads = [threading.Thread(target=self.run, args=(i,), daemon=True) for i in range(CLIENTS)]
        for t in self.threads:
            t.start()

    def send(self, connection, body, key):
        """The connection to go on with, and the answer, None where there is none."""
        server = self.server
        try:
            if connection is None or connection.port != server.port:
                connection = contract.watched(http.client.HTTPConnection(server.host, server.port, timeout=20))
            connection.request("POST", "/v1/screenings", body, {
                "Content-Type": "application/json", "Authorization": f"Bearer {server.key}", "Idempotency-Key": key})
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            with self.lock:
                self.broken += 1
            return None, None
        if answer.status == 200:
            return connection, text
        with self.lock:
            self.refused += 1
        return connection, None

    def run(self, i):
        body = json.dumps({**CLEAN, "subject": {**CLEAN["subject"], "ref": self.name}})
        connection, n = None, 0
        while not self.stopping:
            key, wanted, got = f"{self.name}-{i}-{n}", 1 + (n % 5 == 0), []
            n += 1
            while len(got) < wanted:
                connection, text = self.send(connection, body, key)
                if text is None:
                    time.sleep(0.05)
                else:
                    got.append(text)
                    with self.lock:
                        self.answers[key] = list(got)

    def stop(self):
        self.stopping = True
        for t in self.threads:
            t.join()


def kill_postgresql():
    """The postmaster and all its processes at once, as when a machine loses its power but for the disk's cache."""
    with open(os.path.join(pg.data, "postmaster.pid")) as f:
        postmaster = int(f.readline())
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(postmaster)], stdout=subprocess.PIPE, text=True, check=False)
    for pid in [postmaster] + [int(p) for p in found.stdout.split()]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    time.sleep(0.3)
    # nobody may have waited for the dead yet, and then their number still looks taken
    for lock in (os.path.join(pg.data, "postmaster.pid"), os.path.join(pg.dir, ".s.PGSQL.5432.lock")):
        os.remove(lock)
    pg.start()


def count(clients, what):
    keys = len(clients.answers)
    torn = [k for k, bodies in clients.answers.items() if len(set(bodies)) > 1]
    acknowledged = {json.loads(bodies[0])["id"] for bodies in clients.answers.values()}
    recorded = pg.sql(f"select id from palpate.screening where subject_ref = '{clients.name}'").split()
    commits = pg.sql(f"select count(distinct xmin::text) from palpate.screening where subject_ref = '{clients.name}'")
    print(f"# {what}: {keys} requests, {len(recorded)} records in {commits} transactions,"
          f" {clients.refused} answers of 503, {clients.broken} lost connections")
    tap.ok(keys > 100 and clients.refused + clients.broken > 0, f"{what}: there was load, and it was disturbed", keys)
    tap.equal(torn, [], f"{what}: who asked twice got the same bytes twice")
    tap.equal(acknowledged - set(recorded), set(), f"{what}: no acknowledged record is lost")
    tap.equal((len(recorded), len(set(recorded))), (keys, keys), f"{what}: and no request is recorded twice")
    r = run(binary, "records", "verify", database=database)
    tap.ok(r.returncode == 0 and "whole" in r.stdout, f"{what}: the chain is whole", r)


def postgresql_is_killed():
    with Server(binary, database=database, key=key) as s:
        clients = Clients(s, "postgresql")
        for _ in range(KILLS):
            time.sleep(SECONDS)
            kill_postgresql()
        time.sleep(SECONDS)
        clients.stop()
    count(clients, "PostgreSQL killed")


def the_service_is_killed():
    s = Server(binary, database=database, key=key)
    clients = Clients(s, "service")
    for _ in range(KILLS):
        time.sleep(SECONDS)
        s.stop(signal.SIGKILL)
        s = clients.server = Server(binary, database=database, key=key)
    time.sleep(SECONDS)
    clients.stop()
    s.stop()
    count(clients, "the service killed")


try:
    database = pg.fresh_database()
    run(binary, "migrate", database=database)
    run(binary, "catalogue", "load", database=database)
    key = api_key(binary, database)
    postgresql_is_killed()
    the_service_is_killed()
finally:
    pg.close()
tap.done()
