"""Two databases, a primary and a streaming standby, named together in one setting: the primary dies under load, the
standby is promoted, and the service goes on answering and finds it."""
import threading
import time

from support import CLEAN, Postgres, Server, Tap, binary_argument, edit_json, edited_copy, run, wait_until

tap = Tap()
binary = binary_argument()
primary = Postgres()
standby = None


def load(database, message):
    folder = edited_copy(lambda d: edit_json(d, "rules/03-infection-and-pain.json",
                                             lambda j: j["rules"][0].update(message=message)))
    r = run(binary, "catalogue", "load", database=database, catalogue=folder)
    if r.returncode != 0:
        raise RuntimeError(str(r))
    return r.stdout.split()[-1]


class Load:
    """Clients that ask without a pause, and what they got."""

    def __init__(self, server, clients=4):
        self.server, self.on, self.wrong, self.times = server, True, [], []
        self.threads = [threading.Thread(target=self.ask) for _ in range(clients)]
        for t in self.threads:
            t.start()

    def ask(self):
        while self.on:
            since = time.monotonic()
            try:
                status, _, body = self.server.post(CLEAN)
                if status != 200:
                    self.wrong.append(f"{status} {body}")
            except OSError as e:
                self.wrong.append(repr(e))
            self.times.append(time.monotonic() - since)

    def stop(self):
        self.on = False
        for t in self.threads:
            t.join()


def shows(s, digest):
    return s.get("/v1/catalogue")[2].get("digest") == digest


def ready(s):
    return s.get("/health/ready")[2]


try:
    primary.fresh_database()
    run(binary, "migrate", database=primary.conninfo())
    first = load(primary.conninfo(), "One.")
    standby = Postgres(follows=primary)
    tap.ok(wait_until(lambda: standby.sql("select pg_is_in_recovery()") == "t"), "there is a standby")
    both = f"host={primary.dir},{standby.dir} user=palpate dbname=palpate target_session_attrs=read-write connect_timeout=2"
    with Server(binary, database=both, auth="off") as s:
        tap.ok(shows(s, first) and ready(s)["database"] == "reachable", "the service is on the primary")
        second = load(both, "Two.")
        tap.ok(wait_until(lambda: shows(s, second)), "and follows it")
        tap.ok(wait_until(lambda: standby.sql("select max(version) from palpate.catalogue_version") == "2"), "as the standby does")
        clients = Load(s)
        time.sleep(1)
        primary.stop("immediate")
        lost = time.monotonic()
        tap.ok(wait_until(lambda: ready(s)["database"] == "unreachable"), "the primary dies, which the service sees")
        print(f"# seen {time.monotonic() - lost:.2f} s after the primary had died")
        tap.equal(s.get("/health/ready")[0], 200, "it is ready still: it answers from memory")
        time.sleep(2)
        tap.ok(ready(s)["database"] == "unreachable", "a standby that only reads is not what it asks for")
        standby.promote()
        promoted = time.monotonic()
        tap.ok(wait_until(lambda: ready(s)["database"] == "reachable", 20), "the standby is promoted, and the service is on it", s.log_text())
        print(f"# on the new primary {time.monotonic() - promoted:.2f} s after it was promoted, {time.monotonic() - lost:.2f} s after the loss")
        backends = standby.sql("select count(*) from pg_stat_activity where application_name = 'palpate' and datname = 'palpate'")
        tap.ok(int(backends) >= 1, "with its connection there", backends)
        third = load(both, "Three.")
        tap.ok(wait_until(lambda: shows(s, third)), "what is put in force there is followed")
        clients.stop()
        slowest = max(clients.times)
        print(f"# {len(clients.times)} requests by 4 clients, {len(clients.wrong)} not answered, the slowest took {slowest * 1000:.0f} ms")
        tap.ok(not clients.wrong and len(clients.times) > 200 and slowest < 5, "all the while every request was answered", *clients.wrong[:3])
    with Server(binary, database=both.replace("read-write", "any"), auth="off") as s:
        tap.ok(shows(s, third), "a service started now, with the first host dead, takes the second")
finally:
    if standby:
        standby.close()
    primary.close()
tap.done()
