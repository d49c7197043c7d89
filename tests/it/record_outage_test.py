"""The disk of the database is full, and then the network to it is cut, while clients screen: what cannot be recorded is
refused or said not to be, no acknowledged record is lost, and the service recovers by itself.

As root, for a disk and a network of its own."""
import http.client
import json
import os
import subprocess
import threading
import time

import contract
from support import CLEAN, Postgres, Server, Tap, api_key, binary_argument, run, wait_until

tap = Tap()
binary = binary_argument()
THREADS = 8


class Load:
    """Clients that screen one person after the other, each with a reference of its own, and never try again."""

    def __init__(self, host, port, key, name):
        self.address, self.key, self.name = (host, port), key, name
        self.acknowledged, self.statuses, self.broken, self.slowest = {}, {}, 0, 0.0
        self.unrecorded = 0
        self.ending, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self.screen, args=(i,)) for i in range(THREADS)]
        for t in self.threads:
            t.start()

    def screen(self, client):
        connection, n = None, 0
        fields = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        while not self.ending.is_set():
            ref, n = f"{self.name}-{client}-{n}", n + 1
            body = json.dumps({**CLEAN, "subject": {**CLEAN["subject"], "ref": ref}})
            begun = time.monotonic()
            try:
                connection = connection or contract.watched(http.client.HTTPConnection(*self.address, timeout=30))
                connection.request("POST", "/v1/screenings", body, fields)
                response = connection.getresponse()
                text = response.read()
                self.count(ref, response.status, text, time.monotonic() - begun)
                if response.getheader("Connection", "").lower() == "close":
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException):
                connection and connection.close()
                connection = None
                with self.lock:
                    self.broken += 1
                time.sleep(0.02)

    def count(self, ref, status, text, seconds):
        with self.lock:
            self.slowest = max(self.slowest, seconds)
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status == 200:
                answer = json.loads(text)
                if answer["recorded"]:
                    self.acknowledged[ref] = answer["id"]
                else:
                    self.unrecorded += 1

    def total(self, status):
        with self.lock:
            return self.statuses.get(status, 0)

    def goes_on(self, status, seconds=30):
        """Are there more answers of that status from now on?"""
        before = self.total(status)
        return wait_until(lambda: self.total(status) > before + 2 * THREADS, seconds)

    def stop(self):
        self.ending.set()
        for t in self.threads:
            t.join()
        return self


def prepared(pg):
    database = pg.fresh_database()
    for command in (["migrate"], ["catalogue", "load"]):
        r = run(binary, *command, database=database)
        if r.returncode:
            raise RuntimeError(f"{command}: {r.stderr}")
    return database, api_key(binary, database)


def check_accounts(name, pg, load):
    rows = [line.split("|") for line in pg.sql("select subject_ref, id from palpate.screening").splitlines()]
    stored = dict(rows)
    lost = [ref for ref, i in load.acknowledged.items() if stored.get(ref) != i]
    tap.ok(load.acknowledged and not lost, f"{name}: no acknowledged record is lost", lost[:5])
    tap.ok(len(rows) == len(stored) == len({i for _, i in rows}), f"{name}: none is there twice")
    r = run(binary, "records", "verify", database=pg.conninfo())
    tap.ok(r.returncode == 0, f"{name}: the chain is whole", r.stdout, r.stderr)
    print(f"# {name}: acknowledged {len(load.acknowledged)}, stored {len(rows)}, statuses {load.statuses}, "
          f"not recorded {load.unrecorded}, connections broken {load.broken}, slowest {load.slowest:.2f} s")


# ---- the disk is full --------------------------------------------------------------------------------------------

def disk_full():
    pg = Postgres(disk_mb=260)
    filler = os.path.join(pg.dir, "filler")
    try:
        database, key = prepared(pg)
        with Server(binary, database=database, connections=100) as server:
            load = Load(server.host, server.port, key, "d")
            tap.ok(load.goes_on(200), "disk full: screenings are recorded")
            with open(filler, "wb") as f:
                free = os.statvfs(pg.dir)
                try:
                    f.write(b"\0" * (free.f_bavail * free.f_frsize))
                except OSError:
                    pass
            tap.ok(load.goes_on(503, 60), "disk full: what cannot be recorded is refused")
            tap.ok(server.get("/health/live")[0] == 200, "disk full: the service is alive")
            os.remove(filler)
            if "no server running" in pg.run("pg_ctl", "-D", pg.data, "status", check=False).stdout:
                pg.start()
            tap.ok(load.goes_on(200, 60), "disk full: with room again the service recovers by itself")
            load.stop()
            check_accounts("disk full", pg, load)
    finally:
        pg.close()


# ---- the network is cut ------------------------------------------------------------------------------------------

class Network:
    """A namespace with two links: one to clients, one to the database."""

    def __init__(self):
        self.name = f"palpate-{os.getpid()}"
        self.links = [f"pc{os.getpid() % 100000}", f"pd{os.getpid() % 100000}"]
        self.ip("netns", "add", self.name)
        self.inside("ip", "link", "set", "lo", "up")
        for i, link in enumerate(self.links):
            self.ip("link", "add", link, "type", "veth", "peer", "name", "in" + link)
            self.ip("link", "set", "in" + link, "netns", self.name)
            self.ip("addr", "add", f"198.18.{i}.1/24", "dev", link)
            self.ip("link", "set", link, "up")
            self.inside("ip", "addr", "add", f"198.18.{i}.2/24", "dev", "in" + link)
            self.inside("ip", "link", "set", "in" + link, "up")
        self.clients_reach, self.database = "198.18.0.2", "198.18.1.1"

    @staticmethod
    def ip(*args, check=True):
        subprocess.run(["ip", *args], check=check, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def inside(self, *args):
        self.ip("netns", "exec", self.name, *args)

    def cut(self):
        self.ip("link", "set", self.links[1], "down")

    def mend(self):
        self.ip("link", "set", self.links[1], "up")

    def close(self):
        for link in self.links:
            self.ip("link", "del", link, check=False)
        self.ip("netns", "del", self.name, check=False)


def network_cut():
    network = Network()
    pg = Postgres(listen=network.database)
    try:
        _, key = prepared(pg)
        database = f"host={network.database} user=palpate dbname=palpate"
        inside = ["ip", "netns", "exec", network.name]
        for record in ("required", "best_effort"):
            name = f"network cut, {record}"
            with Server(binary, prefix=inside, database=database, connections=100, record=record,
                        listen=network.clients_reach) as server:
                load = Load(server.host, server.port, key, record)
                tap.ok(load.goes_on(200), f"{name}: screenings are recorded")
                network.cut()
                if record == "required":
                    tap.ok(load.goes_on(503), f"{name}: what cannot be recorded is refused")
                else:
                    tap.ok(wait_until(lambda: load.unrecorded > 2 * THREADS, 30), f"{name}: and said not to be recorded")
                network.mend()
                before = len(load.acknowledged)
                tap.ok(wait_until(lambda: len(load.acknowledged) > before + 2 * THREADS, 60),
                       f"{name}: the service recovers by itself")
                load.stop()
                check_accounts(name, pg, load)
                tap.ok(load.slowest < 20, f"{name}: nobody waits for long", load.slowest)
    finally:
        pg.close()
        network.close()


disk_full()
network_cut()
tap.done()
