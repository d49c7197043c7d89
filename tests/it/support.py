"""What the integration tests share: a private PostgreSQL, the real program, HTTP, and TAP lines.

Every test file is a program: it takes the palpate binary as its argument, prints "ok" and "not ok" lines and a plan,
and fails when a line does. Nothing here skips: what is missing is an error.
"""
import glob
import http.client
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import contract

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CATALOGUE = os.path.join(ROOT, "sql", "catalogue")
GENERATE = os.path.join(ROOT, "build", "dev", "tests", "palpate-gen")  # random valid requests
AS_OF = "2026-11-20"


# ---- TAP ---------------------------------------------------------------------------------------------------------

class Tap:
    def __init__(self):
        self.n = self.failed = 0

    def ok(self, good, name, *details):
        self.n += 1
        if not good:
            self.failed += 1
        print(f"{'ok' if good else 'not ok'} {self.n} - {name}")
        if not good:
            for d in details:
                for line in str(d)[:4000].splitlines():
                    print(f"#   {line}")
        sys.stdout.flush()
        return good

    def equal(self, found, wanted, name):
        return self.ok(found == wanted, name, f"found  {found!r}", f"wanted {wanted!r}")

    def contains(self, text, part, name):
        return self.ok(part in text, name, f"no {part!r} in", text)

    def done(self):
        seen = contract.answers
        if seen.n:
            self.ok(not seen.wrong, f"all {seen.n} answers are as the OpenAPI document says", *list(seen.wrong.items())[:20])
        print(f"1..{self.n}")
        sys.exit(1 if self.failed or self.n == 0 else 0)


# ---- PostgreSQL --------------------------------------------------------------------------------------------------

def newest_postgresql():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"), key=lambda p: int(p.split("/")[4].split(".")[0]))
    if not found:
        raise SystemExit("PostgreSQL is not installed")
    return os.path.dirname(found[-1])


class Postgres:
    """A cluster of its own in a temporary folder. It never runs as root: then it is the user postgres.

    disk_mb: on a disk of that size. listen: an address besides the socket's. follows: a standby of that one."""

    def __init__(self, disk_mb=None, listen="", follows=None):
        self.bin = newest_postgresql()
        self.dir, self.disk_mb, self.listen = tempfile.mkdtemp(prefix="palpate-pg-"), disk_mb, listen
        if disk_mb:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={disk_mb}m", "tmpfs", self.dir], check=True)
        self.data = os.path.join(self.dir, "data")
        self.user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        if self.user:
            os.chown(self.dir, self.user.pw_uid, self.user.pw_gid)
        if follows:
            self.run("pg_basebackup", "-h", follows.dir, "-U", "palpate", "-D", self.data, "-R", "-X", "stream", "-c", "fast")
            self.start()
            return
        self.run("initdb", "-D", self.data, "-U", "palpate", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        if listen:
            with open(os.path.join(self.data, "pg_hba.conf"), "a") as f:
                f.write("host all all samenet trust\n")
        self.start()

    def run(self, program, *args, check=True):
        who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        return subprocess.run([os.path.join(self.bin, program), *args], cwd=self.dir, check=check,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **who)

    def start(self):
        options = f"-c listen_addresses='{self.listen}' -c unix_socket_directories='{self.dir}' -c fsync=off"
        if self.disk_mb:
            options += " -c min_wal_size=32MB -c max_wal_size=64MB"
        self.run("pg_ctl", "-D", self.data, "-s", "-w", "-l", os.path.join(self.dir, "log"), "-o", options, "start")

    def promote(self):
        self.run("pg_ctl", "-D", self.data, "-s", "-w", "promote")

    def stop(self, mode="fast"):
        self.run("pg_ctl", "-D", self.data, "-s", "-w", "-m", mode, "stop", check=False)

    def conninfo(self, database="palpate"):
        return f"host={self.dir} user=palpate dbname={database}"

    def sql(self, statement, database="palpate", check=True):
        return subprocess.run([os.path.join(self.bin, "psql"), "-h", self.dir, "-U", "palpate", "-d", database, "-AtX",
                               "-v", "ON_ERROR_STOP=1", "-c", statement], check=check, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.strip()

    def fresh_database(self, name="palpate"):
        self.sql(f'drop database if exists "{name}" with (force)', "postgres")
        self.sql(f'create database "{name}"', "postgres")
        return self.conninfo(name)

    def close(self):
        self.stop("immediate")
        if self.disk_mb:
            subprocess.run(["umount", "--lazy", self.dir], check=False)
        shutil.rmtree(self.dir, ignore_errors=True)


# ---- the catalogue -----------------------------------------------------------------------------------------------

def items(kind):
    """All of sql/catalogue/<kind>/."""
    found = []
    for name in sorted(glob.glob(os.path.join(CATALOGUE, kind, "*.json"))):
        with open(name) as f:
            found += json.load(f)[kind]
    return found


def edited_copy(edit):
    folder = os.path.join(tempfile.mkdtemp(prefix="palpate-catalogue-"), "catalogue")
    shutil.copytree(CATALOGUE, folder)
    edit(folder)
    return folder


def edit_json(folder, name, change):
    path = os.path.join(folder, name)
    with open(path) as f:
        data = json.load(f)
    change(data)
    with open(path, "w") as f:
        json.dump(data, f)


def overlay(version, technique="deep_tissue", evidence="x_protocol", **rule):
    """A clinic's own rules: one, which forbids a technique to clients over 40."""
    return {"overlay": {"name": "own", "version": version, "title": "Our rules", "who": "N. N., physiotherapist"},
            "rules": [{"id": "x_over_40", "when": {">": [{"var": "age_years"}, 40]},
                       "target": {"==": [{"var": "code"}, technique]}, "effect": "not_allowed", "severity": "absolute",
                       "regions": "systemic", "message": "We do not offer it to clients over 40.", "note": "House rule.",
                       "action": "Offer another technique.", "rationale": "Decided after two falls.",
                       "evidence": [evidence], "certainty": "expert", **rule}],
            "evidence": [{"id": "x_protocol", "design": "protocol", "title": "House protocol 7",
                          "finding": "Falls in older clients.", "certainty": "expert", "verified": "read"}]}


# ---- the program -------------------------------------------------------------------------------------------------

def environment(**settings):
    """The caller's environment without settings of ours, and then these."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PALPATE_")}
    env.update({"PALPATE_" + k.upper(): str(v) for k, v in settings.items()})
    return env


def private(text, members=("ref", "id", "code", "for")):
    """The words of an intake that would tell something of a person: who it is, and what was found. Of what is no intake
    only what has "marker" in it."""
    found = set()

    def visit(value, member=None):
        if isinstance(value, dict):
            for k, v in value.items():
                visit(v, k)
        elif isinstance(value, list):
            for v in value:
                visit(v, member)
        elif isinstance(value, str) and (member in members or "marker" in value) and len(value) > 2:
            found.add(value)
    try:
        doc = json.loads(text)
        visit(doc.get("request", doc) if isinstance(doc, dict) and "rules" not in doc else None)
    except (ValueError, RecursionError):
        found.update(word for word in re.split(r'["\s]', text) if "marker" in word)
    return found


told = {"words": set(), "names": set()}  # of all intakes so far: commands on records read what was kept of them


def tell(text):
    """Notes the words of an intake, or of one in each line, and gives them."""
    parts = {text, *text.splitlines()}
    words = set().union(*map(private, parts))
    told["words"] |= words
    told["names"].update(*(private(part, ("ref",)) for part in parts))
    return words


def run(binary, *args, stdin="", timeout=60, **settings):
    """Runs a command. What it says beside an answer may tell nothing of an intake. Names, whosever they are, stand
    nowhere; conditions, which the catalogue has as well, may be in what a command prints of the catalogue."""
    words = tell(stdin)
    for path in filter(os.path.isfile, args):
        with open(path, errors="replace") as f:
            words |= tell(f.read())
    r = subprocess.run([binary, *args], input=stdin, env=environment(**settings), text=True, timeout=timeout,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    names = set(told["names"])  # a copy, for others may be sending
    words |= told["words"] if args[:1] == ("records",) else names
    answers = args[:1] in (("screen",), ("explain",)) or args[:2] in (("records", "show"), ("records", "export"))
    leaks = {w for w in words if w in r.stderr} | {w for w in names if not answers and w in r.stdout}
    if leaks:
        raise AssertionError(f"palpate {' '.join(args)} tells of an intake: {leaks} in {r.stderr[:2000]}{r.stdout[:2000]}")
    return r


SCOPES = ("screen", "records:read", "catalogue:write", "admin")


def make_clinic(binary, database, clinic="test", *options):
    made = run(binary, "clinic", "create", clinic, "--name", f"Clinic {clinic}", *options, database=database)
    if made.returncode != 0 and "already" not in made.stderr:
        raise RuntimeError(f"no clinic {clinic}: {made}")
    return clinic


def api_key(binary, database, clinic="test", scopes=SCOPES, *options):
    """A new key of the clinic, which is made when there is none."""
    make_clinic(binary, database, clinic)
    if "catalogue:write" in scopes and "--holder" not in options:
        options += ("--holder", "Anna Kim")
    made = run(binary, "key", "create", "--clinic", clinic, "--name", "a test", "--scope", ",".join(scopes), *options,
               database=database)
    if made.returncode != 0:
        raise RuntimeError(f"no key for {clinic}: {made}")
    return made.stdout.strip()


class Server:
    """palpate serve on a free port. With a key, every request but those of raw() carries it; with a database it needs
    one, or auth="off"."""

    def __init__(self, binary, *args, key=None, prefix=(), **settings):
        self.key = key
        self.log = tempfile.TemporaryFile(mode="a+")
        self.sent = {key} if key else set()  # what the log may never hold
        settings.setdefault("port", 0)
        self.process = subprocess.Popen([*prefix, binary, "serve", *args], env=environment(**settings), text=True,
                                        stdout=subprocess.PIPE, stderr=self.log)
        line = self.process.stdout.readline()
        match = re.search(r"listens on https?://(\S+):(\d+)", line)
        if not match:
            self.process.wait(20)
            raise RuntimeError(f"the server did not start: {line!r} {self.log_text()!r}")
        self.host, self.port = match.group(1).strip("[]"), int(match.group(2))
        self.process.stdout.readline()

    def log_text(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()

    def request(self, method, path, body=None, headers=None, timeout=20):
        """(status, headers in lower case, body as bytes). The field Authorization may be given, or None for none."""
        if body:
            self.sent |= tell(body if isinstance(body, str) else body.decode(errors="replace"))
        headers = dict(headers or {})
        if self.key and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.key}"
        headers = {k: v for k, v in headers.items() if v is not None}
        c = contract.watched(http.client.HTTPConnection(self.host, self.port, timeout=timeout))
        try:
            c.request(method, path, body, headers)
            r = c.getresponse()
            return r.status, {k.lower(): v for k, v in r.getheaders()}, r.read()
        finally:
            c.close()

    def get(self, path, **headers):
        status, fields, body = self.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        return status, fields, json.loads(body) if body and "json" in fields.get("content-type", "") else body

    def post(self, body, path="/v1/screenings", content_type="application/json", **headers):
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        fields = {"Content-Type": content_type} if content_type else {}
        fields.update({k.replace("_", "-"): v for k, v in headers.items()})
        status, fields, text = self.request("POST", path, body.encode() if isinstance(body, str) else body, fields)
        return status, fields, json.loads(text) if text and "json" in fields.get("content-type", "") else text

    def raw(self, data, timeout=10):
        """Sends these bytes and returns all that comes back until the other side closes or nothing comes."""
        s = socket.create_connection((self.host, self.port), timeout=timeout)
        answer = b""
        try:
            s.sendall(data)
            s.settimeout(1.0)
            while True:
                part = s.recv(65536)
                if not part:
                    break
                answer += part
        except (socket.timeout, ConnectionResetError, BrokenPipeError):
            pass
        finally:
            s.close()
        return answer

    def holds(self):
        """What the process holds now: threads, open files, and megabytes of memory."""
        with open(f"/proc/{self.process.pid}/status") as f:
            status = dict(line.split(":", 1) for line in f)
        return {"threads": int(status["Threads"]), "fds": len(os.listdir(f"/proc/{self.process.pid}/fd")),
                "rss_mb": int(status["VmRSS"].split()[0]) / 1000}

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        status = self.process.wait(20)
        if not self.process.stdout.closed:
            with self.process.stdout as printed:
                self.check_log(printed.read())
        return status

    def check_log(self, printed=""):
        """No line of the log says anything of an intake, whatever was sent and however it was answered."""
        leaks = []
        for line in (self.log_text() + printed).splitlines():
            fields = json.loads(line) if line.startswith('{"time"') else {"line": line}
            # ids are random digits, in which a short code may be found
            text = json.dumps({k: v for k, v in fields.items() if k not in ("time", "request_id", "trace_id", "digest", "key")})
            leaks += [(value, line) for value in self.sent if value in text]
        self.sent = set()
        if leaks:
            raise AssertionError(f"the log tells of an intake: {leaks[:3]}")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()


def wait_until(what, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.1)
    return False


def binary_argument():
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        raise SystemExit(f"usage: {sys.argv[0]} PALPATE")
    return os.path.abspath(sys.argv[1])


CLEAN = {"subject": {"age_years": 41, "sex": "male"},
         "complaints": [{"region": "lower_back", "side": "both", "pain": 5, "onset": "gradual", "duration_days": 700,
                         "cause": "overuse"}],
         "preferences": {"techniques": ["deep_tissue"], "session_minutes": 60}, "unlisted": "absent", "as_of": AS_OF}
