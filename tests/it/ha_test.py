"""docker/ha/ as it stands: three machines with etcd, Patroni and PostgreSQL, two with HAProxy and palpate, each with a
network, processes and files of its own. Under load the primary is killed, cut off, and cut off from the other databases
alone; a service dies, too. Counted: acknowledged records that are lost or there twice, the longest wait for an answer,
and how long nothing was recorded.

As root, for the namespaces; all of it, processes and links, goes away with the first process."""
import glob
import http.client
import itertools
import json
import os
import pwd
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from support import CLEAN, ROOT, Tap, binary_argument, wait_until

PROMISE = 40  # seconds: README.md and docker/ha/README.md say so
ANSWER = 8  # an answer takes that long at most: PALPATE_RECORD_TIMEOUT is 5
CLIENTS = 4
DATABASES = {"db1": "198.18.0.11", "db2": "198.18.0.12", "db3": "198.18.0.13"}
SERVICES = {"app1": "198.18.0.21", "app2": "198.18.0.22"}

TOOLS = os.path.join(ROOT, "build", "tools", "ha")  # becomes /opt of the machines: Patroni

binary = binary_argument()
if "--inside" not in sys.argv:
    os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation",
                          "private", sys.executable, *sys.argv, "--inside"])
tap = Tap()
work = tempfile.mkdtemp(prefix="palpate-ha-")


def call(*args, check=True, standard_input=""):
    done = subprocess.run(args, check=False, input=standard_input, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode:
        raise RuntimeError(f"{args}: {done.stdout}")
    return done.stdout


# ---- machines ----------------------------------------------------------------------------------------------------

class Machine:
    """Namespaces for network, processes and mounts; /etc, /run and /var are its own, the rest is this machine's."""

    def __init__(self, name, address):
        self.name, self.address, self.dir = name, address, os.path.join(work, name)
        call("ip", "netns", "add", name)
        call("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        call("ip", "link", "set", name, "master", "lan", "up")
        for link in (["addr", "add", f"{address}/24", "dev", "eth0"], ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"]):
            call("ip", "-n", name, *link)
        for folder in ("run/postgresql", "run/palpate", "var/lib/postgresql", "var/lib/etcd", "var/lib/palpate", "var/tmp"):
            os.makedirs(os.path.join(self.dir, folder))
        call("cp", "-a", "/etc", self.dir)
        call("sh", "-c", f"tar -C {work}/prepared/{name} --owner=0 --group=0 -c etc | tar -C {self.dir} -x --no-overwrite-dir")
        shutil.copy(binary, os.path.join(self.dir, "run/palpate/palpate"))
        call("chmod", "-R", "a+rX", os.path.join(self.dir, "run/palpate"))
        # the first process takes in those that lose their parent, as init does
        begin = (f"mount --bind {TOOLS} /opt; for d in etc run var; do mount --bind {self.dir}/$d /$d; done; echo up; "
                 "sleep infinity & wait")
        self.first = subprocess.Popen(["ip", "netns", "exec", name, "unshare", "--mount", "--pid", "--fork", "--kill-child",
                                       "--mount-proc", "bash", "-ec", begin], stdout=subprocess.PIPE, text=True)
        self.first.stdout.readline()
        self.pid = call("pgrep", "-P", str(self.first.pid)).split()[0]
        for owner, paths in (("postgres", "/etc/patroni /run/postgresql /var/lib/postgresql"),
                             ("etcd", "/etc/etcd /var/lib/etcd"), ("nobody", "/etc/palpate /var/lib/palpate")):
            self.run("sh", "-c", f"for p in {paths}; do [ ! -e $p ] || chown -R {owner}: $p; done")

    def enter(self, *args, user=None):
        group = pwd.getpwnam(user).pw_gid if user else 0
        who = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"] if user else []
        return ["nsenter", "-t", self.pid, "--mount", "--pid", "--net", *who, *args]

    def run(self, *args, user=None, **how):
        return call(*self.enter(*args, user=user), **how)

    def start(self, *args, user=None, environment=None, **settings):
        """A program of the machine, with the settings of a file as systemd would give them."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": pwd.getpwnam(user or "root").pw_dir, "LANG": "C.UTF-8"}
        if environment:
            with open(self.dir + environment) as f:
                env.update(line.rstrip("\n").split("=", 1) for line in f if "=" in line)
        env.update(settings)
        with open(os.path.join(self.dir, os.path.basename(args[0]) + ".log"), "a") as log:
            return subprocess.Popen(self.enter(*args, user=user), env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self, pattern):
        self.run("pkill", "-KILL", "-f", pattern)

    def unplug(self):
        call("ip", "link", "set", self.name, "nomaster")

    def plug(self):
        call("ip", "link", "set", self.name, "master", "lan")

    def lose(self, others):
        """What it sends to the others goes nowhere, and it is not told."""
        for other in others:
            call("ip", "-n", self.name, "neigh", "replace", other.address, "lladdr", "02:00:00:00:00:01", "dev", "eth0",
                 "nud", "permanent")

    def find(self, others):
        for other in others:
            call("ip", "-n", self.name, "neigh", "del", other.address, "dev", "eth0")


def contents(*path):
    with open(os.path.join(*path)) as f:
        return f.read()


def prepare():
    call("ip", "link", "set", "lo", "up")
    call("ip", "link", "add", "lan", "type", "bridge")
    call("ip", "addr", "add", "198.18.0.1/24", "dev", "lan")
    call("ip", "link", "set", "lan", "up")
    os.makedirs("/run/netns", exist_ok=True)
    call("mount", "-t", "tmpfs", "tmpfs", "/run/netns")
    addresses = {**{k.upper(): v for k, v in {**DATABASES, **SERVICES}.items()}, "NETWORK": "198.18.0.0/24"}
    with open(os.path.join(ROOT, "docker/ha/machines.env")) as f:
        lines = [line.split("=", 1) for line in f if "=" in line and not line.startswith("#")]
    with open(os.path.join(work, "machines.env"), "w") as f:
        f.writelines(f"{name}={addresses.get(name, value.strip())}\n" for name, value in lines)
    prepared = os.path.join(work, "prepared")
    made = []
    for _ in range(2):
        call("sh", os.path.join(ROOT, "docker/ha/prepare.sh"), f.name, prepared)
        made.append([contents(prepared, name) for name in ("passwords.env", "ca.crt", "db1/etc/patroni/machine.crt")])
    tap.ok(made[0][:2] == made[1][:2] and made[0][2] != made[1][2], "prepared again: new certificates, the same CA and passwords")
    open_to_others = [os.path.join(folder, name) for folder, _, names in os.walk(prepared) for name in names
                      if os.stat(os.path.join(folder, name)).st_mode & 0o077]
    tap.equal(open_to_others, [], "prepared: nobody else may read any of it")


# ---- the databases -----------------------------------------------------------------------------------------------

class Cluster:
    def __init__(self):
        self.all = [Machine(name, address) for name, address in DATABASES.items()]
        self.tls = ssl.create_default_context(cafile=os.path.join(work, "prepared/ca.crt"))
        for m in self.all:
            m.start("/usr/bin/etcd", user="etcd", environment="/etc/default/etcd")
        for m in self.all:
            m.start("/usr/bin/python3", "-m", "patroni", "/etc/patroni/config.yml", user="postgres", PYTHONPATH="/opt/patroni")

    def ask(self, machine, path):
        c = http.client.HTTPSConnection(machine.address, 8008, timeout=2, context=self.tls)
        try:
            c.request("GET", path)
            r = c.getresponse()
            return r.status, json.loads(r.read())
        except (OSError, ValueError, http.client.HTTPException):
            return 0, {}
        finally:
            c.close()

    def primary(self):
        return next((m for m in self.all if self.ask(m, "/primary")[0] == 200), None)

    def whole(self):
        """One leads, the others follow it, one of them before every commit."""
        leader = self.primary()
        members = self.ask(leader, "/cluster")[1].get("members", []) if leader else []
        return (sorted(m["role"] for m in members) == ["leader", "replica", "sync_standby"]
                and all(m["state"] in ("running", "streaming") for m in members)
                and len({m.get("timeline") for m in members}) == 1)

    def sql(self, *args, standard_input=""):
        return self.primary().run("psql", "-AtXq", "-h", "/run/postgresql", "-v", "ON_ERROR_STOP=1", *args, user="postgres",
                                  standard_input=standard_input).strip()


# ---- clients -----------------------------------------------------------------------------------------------------

class Load:
    """Clients that screen one person after the other, over both machines, and repeat with the same Idempotency-Key what
    was not answered with 200."""

    def __init__(self, name, port, key, tls=None):
        self.name, self.port, self.key, self.tls = name, port, key, tls
        self.answers, self.acknowledged, self.wrong = [], {}, []
        self.ending, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self.screen, args=(i,)) for i in range(CLIENTS)]
        for t in self.threads:
            t.start()

    def connect(self, address):
        if self.tls:
            return http.client.HTTPSConnection(address, self.port, timeout=ANSWER + 4, context=self.tls)
        return http.client.HTTPConnection(address, self.port, timeout=ANSWER + 4)

    def screen(self, client):
        connection, addresses = None, itertools.islice(itertools.cycle(SERVICES.values()), client, None)
        for n in itertools.count():
            ref = f"{self.name}-{client}-{n}"
            body = json.dumps({**CLEAN, "subject": {**CLEAN["subject"], "ref": ref}})
            fields = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}", "Idempotency-Key": ref}
            kind = None
            while kind not in ("recorded", "unrecorded"):
                if self.ending.is_set():
                    return
                try:
                    connection = connection or self.connect(next(addresses))
                    connection.request("POST", "/v1/screenings", body, fields)
                    response = connection.getresponse()
                    text = response.read()
                    kind = self.judge(ref, response, text)
                except (OSError, http.client.HTTPException) as e:
                    kind, response = "unanswered", None
                    self.note(kind, repr(e))
                if not response or response.getheader("Connection", "").lower() == "close":
                    connection.close()
                    connection = None
                self.ending.wait(0.02 if kind == "recorded" else 0.1)

    def judge(self, ref, response, text):
        kind = "unanswered"
        if response.status == 200:
            answer = json.loads(text)
            kind = "recorded" if answer["recorded"] else "unrecorded"
            if answer["recorded"]:
                with self.lock:
                    self.acknowledged[ref] = answer["id"]
        elif response.status == 503 and response.getheader("Retry-After") and b"record_unavailable" in text:
            kind = "refused"
        self.note(kind, f"{response.status} {text[:200]}")
        return kind

    def note(self, kind, what):
        with self.lock:
            self.answers.append((time.monotonic(), kind))
            if kind == "unanswered":
                self.wrong.append(what)

    def recorded_since(self, moment):
        with self.lock:
            return sum(1 for at, kind in reversed(self.answers) if at > moment and kind == "recorded")

    def goes_on(self, seconds):
        """Are decisions recorded, from now on?"""
        now = time.monotonic()
        return wait_until(lambda: self.recorded_since(now) > 4 * CLIENTS, seconds)

    def gap(self, since, *kinds):
        """(the longest time without an answer of these kinds, when it ended)"""
        with self.lock:
            times = [since] + [at for at, kind in self.answers if at >= since and kind in kinds] + [time.monotonic()]
        return max((b - a, b) for a, b in zip(times, times[1:]))

    def count(self, since, kind):
        with self.lock:
            return sum(1 for at, k in self.answers if at >= since and k == kind)

    def stop(self):
        self.ending.set()
        for t in self.threads:
            t.join()


def suffer(name, loads, fault):
    """The fault, and what clients saw of it until decisions were recorded again."""
    for load in loads:
        if not load.goes_on(20):
            raise RuntimeError(f"{name}, {load.name}: nothing is recorded before it: {load.wrong[-3:]}")
    begun = time.monotonic()
    fault()
    time.sleep(1)
    wait_until(lambda: all(load.recorded_since(time.monotonic() - 1) > CLIENTS for load in loads), 2 * PROMISE)
    for load in loads:
        _, end = load.gap(begun, "recorded")
        silence, _ = load.gap(begun, "recorded", "unrecorded", "refused")
        refused, unrecorded, unanswered = (load.count(begun, kind) for kind in ("refused", "unrecorded", "unanswered"))
        print(f"# {name}, {load.name}: recorded again after {end - begun:.1f} s; longest wait for an answer {silence:.1f} s; "
              f"503: {refused}, not recorded: {unrecorded}, unanswered: {unanswered}")
        tap.ok(end - begun < PROMISE, f"{name}, {load.name}: decisions are recorded again within {PROMISE} s", end - begun)
        tap.ok(silence < ANSWER and unanswered == 0, f"{name}, {load.name}: answers never stop", silence, load.wrong[-3:])
        if load.name == "best_effort":
            tap.ok(refused == 0, f"{name}, {load.name}: decisions are given all the time", refused)


# ---- the whole ---------------------------------------------------------------------------------------------------

def set_up():
    prepare()
    cluster = Cluster()
    apps = [Machine(name, address) for name, address in SERVICES.items()]
    if not wait_until(cluster.whole, 90):
        raise RuntimeError("the databases did not come up")
    with open(os.path.join(work, "prepared/database.sql")) as f:
        cluster.sql(standard_input=f.read())
    for app in apps:
        app.start("/usr/sbin/haproxy", "-f", "/etc/haproxy/haproxy.cfg")
    shutil.copy(os.path.join(work, "prepared/admin.pgpass"), apps[0].dir + "/run/palpate/admin.pgpass")
    admin = ("host=palpate-db hostaddr=127.0.0.1 dbname=palpate user=palpate_admin passfile=/run/palpate/admin.pgpass "
             "sslmode=verify-full sslrootcert=/etc/palpate/ca.crt")
    if not wait_until(lambda: palpate(apps[0], admin, "migrate").returncode == 0, 20):
        raise RuntimeError(palpate(apps[0], admin, "migrate").stdout)
    for command in (["catalogue", "load"], ["clinic", "create", "one", "--name", "One"]):
        made = palpate(apps[0], admin, *command)
        if made.returncode:
            raise RuntimeError(made.stdout)
    key = palpate(apps[0], admin, "key", "create", "--clinic", "one", "--name", "a test").stdout.split()[0]
    return cluster, apps, admin, key


def palpate(machine, database, *args):
    return subprocess.run(machine.enter("/run/palpate/palpate", *args), env={"PALPATE_DATABASE": database}, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def serve(app, **settings):
    return app.start("/run/palpate/palpate", "serve", user="nobody", environment="/etc/palpate/palpate.env", **settings)


def ready(app, port, tls=None):
    c = (http.client.HTTPSConnection(app.address, port, timeout=2, context=tls) if tls
         else http.client.HTTPConnection(app.address, port, timeout=2))
    try:
        c.request("GET", "/health/ready")
        return c.getresponse().status == 200
    except OSError:
        return False
    finally:
        c.close()


def check_accounts(cluster, apps, admin, loads):
    rows = cluster.sql("-d", "palpate", "-c", "select subject_ref, id from palpate.screening").splitlines()
    rows = [line.split("|") for line in rows]
    stored = dict(rows)
    for load in loads:
        lost = [ref for ref, i in load.acknowledged.items() if stored.get(ref) != i]
        print(f"# {load.name}: acknowledged {len(load.acknowledged)}, lost {len(lost)}")
        tap.ok(load.acknowledged and not lost, f"{load.name}: no acknowledged record is lost", lost[:5])
    print(f"# stored {len(rows)}, twice {len(rows) - len(stored)}")
    tap.ok(len(rows) == len(stored) == len({i for _, i in rows}), "none is there twice")
    r = palpate(apps[0], admin, "records", "verify")
    tap.ok(r.returncode == 0, "the chain is whole", r.stdout)


def main():
    begun = time.monotonic()
    cluster, apps, admin, key = set_up()
    for app in apps:
        serve(app)
        serve(app, PALPATE_PORT="8081", PALPATE_RECORD="best_effort", PALPATE_TLS_CERTIFICATE="", PALPATE_TLS_KEY="",
              PALPATE_CACHE="/var/lib/palpate/8081")
    if not wait_until(lambda: all(ready(app, 8080, cluster.tls) and ready(app, 8081) for app in apps), 30):
        raise RuntimeError("the services did not come up")
    print(f"# up after {time.monotonic() - begun:.0f} s")
    loads = [Load("required", 443, key, cluster.tls), Load("best_effort", 8081, key)]
    try:
        old = cluster.primary()
        suffer("primary killed", loads, lambda: old.kill("^/usr/lib/postgresql/.*/postgres -D"))
        tap.ok(wait_until(cluster.whole, 60), "primary killed: it follows the new one by itself")

        old = cluster.primary()
        suffer("primary cut off", loads, old.unplug)
        tap.ok(cluster.primary() not in (None, old), "primary cut off: another one leads")
        old.plug()
        tap.ok(wait_until(cluster.whole, 60), "primary cut off: back again, it follows the new one by itself")

        begun = time.monotonic()
        apps[0].kill("^/run/palpate/palpate serve")
        tap.ok(loads[0].goes_on(20), "service killed: the other one answers")
        print(f"# service killed: longest wait for an answer {loads[0].gap(begun, 'recorded')[0]:.1f} s")
        serve(apps[0])
        serve(apps[0], PALPATE_PORT="8081", PALPATE_RECORD="best_effort", PALPATE_TLS_CERTIFICATE="", PALPATE_TLS_KEY="")

        old = cluster.primary()
        others = [m for m in cluster.all if m is not old]
        suffer("primary without the others", loads, lambda: old.lose(others))
        old.find(others)
        for load in loads:
            load.stop()
        check_accounts(cluster, apps, admin, loads)
    finally:
        for load in loads:
            load.stop()


try:
    main()
except BaseException:
    for log in sorted(glob.glob(os.path.join(work, "*", "*.log"))):
        print(f"# {log}:\n" + call("tail", "-n", "8", log))
    raise
finally:
    shutil.rmtree(work, ignore_errors=True)
tap.done()
