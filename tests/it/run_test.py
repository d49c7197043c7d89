"""sh service/run.sh, as someone who has just cloned the project: every start, stop and refusal."""
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

from support import ROOT, Tap, environment, wait_until

tap = Tap()
work = tempfile.mkdtemp(prefix="palpate-run-")
os.chmod(work, 0o755)
NOBODY = pwd.getpwnam("nobody")


def clone(name):
    """What git would hand out, uncommitted changes included."""
    to = os.path.join(work, name)
    files = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                           stdout=subprocess.PIPE).stdout
    os.makedirs(to)
    files = b"\0".join(f for f in files.split(b"\0") if f and os.path.lexists(os.path.join(ROOT.encode(), f)))
    tar = subprocess.run(["tar", "-C", ROOT, "--null", "-T", "-", "-cf", "-"], input=files, check=True,
                         stdout=subprocess.PIPE).stdout
    subprocess.run(["tar", "-C", to, "-xf", "-"], input=tar, check=True)
    return to


def interruptible():
    """A shell cannot trap what was ignored when it began, as SIGINT is in a background job."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Run:
    """sh service/run.sh in a session of its own. `said` is all it printed."""

    def __init__(self, where, user=None, path=None, **settings):
        settings.setdefault("port", 0)
        env = environment(**settings)
        env["PATH"] = (path + ":" if path else "") + env["PATH"]
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        self.output = tempfile.NamedTemporaryFile("r", dir=work)
        self.process = subprocess.Popen(["sh", "service/run.sh"], cwd=where, env=env, start_new_session=True,
                                        stdin=subprocess.DEVNULL, stdout=open(self.output.name, "w"),
                                        stderr=subprocess.STDOUT, preexec_fn=interruptible, **who)

    @property
    def said(self):
        with open(self.output.name) as f:
            return f.read()

    def serves(self, seconds=300):
        wait_until(lambda: "curl" in self.said or self.process.poll() is not None, seconds)
        return self.process.poll() is None and "curl" in self.said

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(60)

    def ended(self, seconds=120):
        return self.process.wait(seconds)


def refused(name, run, *words):
    status = run.ended()
    lines = [l for l in run.said.splitlines() if l]
    tap.ok(status == 1 and len(lines) == 1 and all(w in lines[0] for w in words), name, status, run.said)


def database_runs(where):
    pid = os.path.join(where, ".run", "postgresql", "data", "postmaster.pid")
    return os.path.exists(pid)


def from_database(run):
    return '"from":"database"' in run.said


def first_start(where):
    run = Run(where)
    tap.ok(run.serves(600), "from a fresh clone it builds and serves", run.said)
    lines = run.said.splitlines()
    tap.ok(any("http://127.0.0.1:" in l for l in lines), "it prints the address", run.said)
    line = next((l.partition(": ")[2] for l in lines if l.startswith("try: curl ")), "")
    answer = subprocess.run(["sh", "-c", line], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    body = json.loads(answer.stdout) if answer.stdout.startswith("{") else {}
    tap.ok("disposition" in body and body.get("techniques"), "the curl line it prints gets a decision", line, answer)
    tap.ok(from_database(run), "the catalogue comes from the database", run.said)
    key = os.path.join(where, ".run", "api-key")
    tap.equal((os.stat(key).st_mode & 0o777, len(open(key).read())), (0o600, 65), "the key of a clinic lies there, for its user alone")
    bare = line.replace("Authorization", "X-Nothing")
    answer = subprocess.run(["sh", "-c", bare], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    tap.equal(json.loads(answer.stdout or "{}").get("status"), 401, "without the key there is no decision")
    refused("a second one in the same folder says so", Run(where), "another run.sh is at work here")
    tap.equal(run.stop(), 0, "SIGTERM ends it with status 0")
    tap.ok(not database_runs(where), "and the database with it")


def starts_again(where):
    path = os.path.join(where, ".run", "api-key")
    with open(path) as f:
        key = f.read()
    run = Run(where)
    tap.ok(run.serves(), "it starts again", run.said)
    with open(path) as f:
        tap.equal(f.read(), key, "with the same key")
    tap.ok(from_database(run), "with the catalogue in the database", run.said)
    os.killpg(run.process.pid, signal.SIGKILL)
    run.ended()
    with open(path, "w") as f:
        f.write("palpate_aaaaaaaaaaaa_" + "A" * 43 + "\n")
    again = Run(where)
    tap.ok(again.serves(), "killed with -9, it starts again on what is left", again.said)
    with open(path) as f:
        tap.ok(f.read() != key, "with a new key in place of one that does not work")
    with open(os.path.join(where, ".run", "load.log")) as f:
        tap.contains(f.read(), "already", "with the data it had")
    os.killpg(again.process.pid, signal.SIGINT)  # what a terminal sends on Ctrl-C: to all of them
    tap.equal(again.ended(), 0, "Ctrl-C ends it with status 0")
    tap.ok(wait_until(lambda: not database_runs(where)), "and the database with it")


def refuses(where):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = Run(where, port=port)
        status = run.ended()
        sentences = [line for line in run.said.splitlines() if not line.startswith("{")]  # the rest is the log
        tap.ok(status != 0 and len(sentences) == 1 and str(port) in sentences[0] and
               "another program uses the port" in sentences[0], "a port in use gives one sentence", status, run.said)
        tap.ok(not database_runs(where), "and leaves no database behind")
    run = Run(where, port="http")
    status = run.ended()
    tap.ok(status != 0 and "PALPATE_PORT" in run.said and len(run.said.splitlines()) == 1,
           "so does a port that is no number", status, run.said)
    refused("PALPATE_DATABASE is refused", Run(where, database="host=x"), "PALPATE_DATABASE is set")
    version = os.path.join(where, ".run", "postgresql", "data", "PG_VERSION")
    with open(version) as f:
        real = f.read()
    with open(version, "w") as f:
        f.write("9\n")
    refused("a database of an older PostgreSQL gives one sentence", Run(where), "made by PostgreSQL 9", "delete .run/")
    with open(version, "w") as f:
        f.write(real)
    broken = os.path.join(where, "service", "main.c")
    with open(broken, "a") as f:
        f.write("\nnot C\n")
    refused("so does a build that fails", Run(where), "the build failed", ".run/build.log")
    shutil.copy(os.path.join(ROOT, "service", "main.c"), broken)


def full_disk(where):
    run = os.path.join(where, ".run")
    shutil.rmtree(run, ignore_errors=True)
    os.makedirs(run)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "palpate", run], check=True)
    try:
        refused("a full disk gives one sentence", Run(where), "the disk is full", "are needed")
    finally:
        subprocess.run(["umount", run], check=True)


def ordinary_user(where):
    shutil.rmtree(os.path.join(where, ".run"), ignore_errors=True)
    subprocess.run(["chown", "-R", f"{NOBODY.pw_uid}:{NOBODY.pw_gid}", where], check=True)
    run = Run(where, user=NOBODY)
    tap.ok(run.serves(), "an ordinary user needs nothing but the packages", run.said)
    tap.ok(from_database(run), "and gets the catalogue from a database of their own", run.said)
    tap.equal(run.stop(signal.SIGINT), 0, "SIGINT ends it with status 0")
    fake = os.path.join(work, "fake")
    os.makedirs(fake)
    for name, text in (("dpkg-query", "exit 1"), ("sudo", "exit 1")):
        with open(os.path.join(fake, name), "w") as f:
            f.write(f"#!/bin/sh\n{text}\n")
        os.chmod(os.path.join(fake, name), 0o755)
    refused("packages that cannot be installed are named in one line", Run(where, user=NOBODY, path=fake),
            "apt-get install", "libulfius-dev")
    shutil.rmtree(os.path.join(where, ".run"))
    os.chown(where, 0, 0)
    os.chmod(where, 0o755)
    refused("a folder that cannot be written to gives one sentence", Run(where, user=NOBODY), "cannot be written to")


def deep_and_closed():
    closed = os.path.join(work, "closed")
    os.makedirs(closed)
    os.chmod(closed, 0o700)
    where = clone(os.path.join("closed", *["a folder with a long name"] * 4, "palpate"))
    run = Run(where)
    tap.ok(run.serves(600), "root serves from a deep folder that is closed to others, with spaces in its name", run.said)
    tap.equal(run.stop(), 0, "and stops")


try:
    where = clone("palpate")
    first_start(where)
    starts_again(where)
    refuses(where)
    full_disk(where)
    ordinary_user(where)
    deep_and_closed()
finally:
    shutil.rmtree(work, ignore_errors=True)
tap.done()
