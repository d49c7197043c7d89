"""What run.sh runs once there is an engine: builds the image, looks into it, runs docker/compose.yaml as an operator would, screens
through it, kills, upgrades and rolls back under load, and counts.

Arguments: the image of a Debian, and a folder to keep things in."""
import hashlib
import http.client
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "it"))
from support import CLEAN, ROOT, Tap, edit_json, edited_copy, wait_until  # noqa: E402

BASE, KEEP = sys.argv[1:3]
HERE = os.path.dirname(os.path.abspath(__file__))
OLD, SAME, NEW, BROKEN = ("palpate-test/palpate:" + tag for tag in ("old", "same", "new", "broken"))
POSTGRES, HAPROXY = "palpate-test/postgresql", "palpate-test/haproxy"
MB = 1000 * 1000

tap = Tap()
work = tempfile.mkdtemp(prefix="palpate-container-")
os.environ.update(BUILD_IMAGE=BASE, BUILD_OPTIONS="--network host", POSTGRES_IMAGE=POSTGRES, HAPROXY_IMAGE=HAPROXY)


def call(*args, check=True, **more):
    more.setdefault("stdout", subprocess.PIPE)
    more.setdefault("stderr", subprocess.STDOUT)
    r = subprocess.run(args, text=True, timeout=900, **more)
    if check and r.returncode != 0:
        raise RuntimeError(f"{args}: {r.returncode}\n{(r.stdout or '')[-3000:]}")
    return r


def docker(*args, **more):
    return call("docker", *args, **more)


def inspect(what):
    return json.loads(docker("inspect", what).stdout)[0]


class Beside(threading.Thread):
    """Runs something in the background; join() raises what it raised."""

    def __init__(self, what, *args):
        super().__init__()
        self.what, self.args_, self.error = what, args, None
        self.start()

    def run(self):
        try:
            self.what(*self.args_)
        except Exception as e:  # pylint: disable=broad-except
            self.error = e

    def join(self, timeout=None):
        super().join(timeout)
        if self.error:
            raise self.error


# ---- images ------------------------------------------------------------------------------------------------------

def build_others():
    for tag, folder in ((POSTGRES, "postgresql"), (HAPROXY, "haproxy")):
        docker("build", "--network", "host", "--build-arg", f"BASE={BASE}", "-t", tag, os.path.join(HERE, folder))


def build_from_copy(tag, change):
    """From a copy of the sources in another place and at another time, which is no clone."""
    to = os.path.join(work, tag.replace("/", "-"))
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                           stdout=subprocess.PIPE).stdout.split(b"\0")
    for name in (n.decode() for n in names if n and not n.startswith(b"tests/") and os.path.isfile(os.path.join(ROOT.encode(), n))):
        os.makedirs(os.path.dirname(os.path.join(to, name)), exist_ok=True)
        shutil.copyfile(os.path.join(ROOT, name), os.path.join(to, name))
    change(to)
    labels = inspect(OLD)["Config"]["Labels"]
    created = subprocess.run(["date", "-d", labels["org.opencontainers.image.created"], "+%s"], check=True, text=True,
                             stdout=subprocess.PIPE).stdout.strip()
    call("sh", os.path.join(to, "docker", "build.sh"), tag, cwd=to,
         env={**os.environ, "REVISION": labels["org.opencontainers.image.revision"], "SOURCE_DATE_EPOCH": created})


def later_version(folder):
    """A program with one more migration."""
    with open(os.path.join(folder, "sql", "migrations", "9001_later.sql"), "w") as f:
        f.write("set local role palpate_owner;\ncreate table palpate.later (id integer primary key);\n"
                "alter table palpate.clinic add column later text;\n")
    path = os.path.join(folder, "CMakeLists.txt")
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace("project(palpate VERSION 0.", "project(palpate VERSION 9."))


def unneeded_file(folder):
    """Enough that nothing is taken from the engine's cache."""
    with open(os.path.join(folder, "unneeded"), "w") as f:
        f.write(work)


def build_later():
    build_from_copy(SAME, unneeded_file)
    build_from_copy(NEW, later_version)
    docker("build", "-t", BROKEN, "-", input=f'FROM {OLD}\nCMD ["--version"]\n')


def files_of(image):
    name = docker("create", image).stdout.strip()
    try:
        tar = subprocess.run(["docker", "export", name], check=True, stdout=subprocess.PIPE).stdout
    finally:
        docker("rm", name)
    with tarfile.open(fileobj=io.BytesIO(tar)) as t:
        return {m.name: t.extractfile(m).read() if m.isfile() else None for m in t if not m.isdir()}


def image_holds_what_it_should(found):
    by_engine = {".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf"}
    rest = {n for n in found if n not in by_engine and ".so" not in n and not n.endswith("/copyright")}
    tap.equal(rest, {"palpate", "etc/passwd", "etc/group", "etc/ssl/certs/ca-certificates.crt",
                     "usr/share/doc/palpate/sbom.spdx.json"}, "the image holds program, libraries, certificates, licences and SBOM")
    tap.ok(all(found[n][:4] == b"\x7fELF" for n in found if ".so" in n), "what is called a library is one")
    tap.ok(found["etc/ssl/certs/ca-certificates.crt"].count(b"BEGIN CERTIFICATE") > 100, "the certificates are there")
    image = inspect(OLD)
    config, labels = image["Config"], image["Config"]["Labels"]
    tap.ok(image["Size"] < 40 * MB, f"it is small: {image['Size'] / MB:.1f} MB", image["Size"])
    tap.equal((config["User"], config["StopSignal"], config["Entrypoint"], config["Cmd"], config["Healthcheck"]["Test"]),
              ("65532:65532", "SIGTERM", ["/palpate"], ["serve"], ["CMD", "/palpate", "health"]), "and configured")
    with open(os.path.join(ROOT, "CMakeLists.txt")) as f:
        tap.contains(f.read(), f"VERSION {labels['org.opencontainers.image.version']} ", "its labels say which version")
    tap.equal(labels["org.opencontainers.image.revision"][:40], call("git", "-C", ROOT, "rev-parse", "HEAD").stdout.strip(),
              "and which revision")


def program_runs():
    confined = ("run", "--rm", "-i", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", "none")
    r = docker(*confined, OLD, "screen", "-", input=json.dumps(CLEAN))
    tap.equal(json.loads(r.stdout)["disposition"], "proceed", "it screens, read-only, without capabilities or network")
    r = docker(*confined, OLD, "catalogue", "check", "--strict")
    tap.ok("no faults" in r.stdout, "with the catalogue", r.stdout)
    r = docker(*confined, OLD, check=False)
    tap.ok(r.returncode == 78 and "refusing to answer anyone who asks" in r.stdout, "it does not serve just anyone", r)
    r = docker(*confined, "--entrypoint", "sh", OLD, check=False)
    tap.ok(r.returncode == 127 and "not found" in r.stdout, "there is no shell", r)


def sbom_is_right(found):
    text = found["usr/share/doc/palpate/sbom.spdx.json"]
    path = os.path.join(work, "sbom.spdx.json")
    with open(path, "wb") as f:
        f.write(text)
    r = call(os.path.join(KEEP, "venv", "bin", "pyspdxtools"), "--infile", path, check=False)
    tap.ok(r.returncode == 0, "the SBOM is valid SPDX", r.stdout)
    packages = {p["name"]: p for p in json.loads(text)["packages"]}
    tap.equal({n.split("/")[3] for n in found if n.endswith("/copyright")}, set(packages), "it lists what the licences are of")
    tap.equal(packages["palpate"]["checksums"][0]["checksumValue"], hashlib.sha256(found["palpate"]).hexdigest(),
              "and the program by its digest")
    tap.ok({"libc6", "libpq5", "libulfius2.7", "ca-certificates"} <= set(packages), "and the libraries", *packages)
    installed = docker("run", "--rm", "--network", "none", BASE, "dpkg-query", "-W", "-f", "${Version}", "libc6").stdout
    tap.ok(packages["libc6"]["versionInfo"] == installed and
           f"pkg:deb/debian/libc6@{installed.replace('+', '%2B')}?" in packages["libc6"]["externalRefs"][0]["referenceLocator"],
           "in the version that is there", packages["libc6"])


def build_is_reproducible():
    def layers(image):
        return inspect(image)["RootFS"]["Layers"]

    tap.equal(layers(SAME), layers(OLD), "built elsewhere at another time it has the same layers")
    tap.ok(layers(NEW) != layers(OLD) and "palpate 9." in docker("run", "--rm", "--network", "none", NEW, "--version").stdout,
           "a later version has others")


# ---- the deployment ----------------------------------------------------------------------------------------------

COMPOSE = ["docker", "compose"] if subprocess.run(["docker", "compose", "version"], check=False, stdout=subprocess.DEVNULL,
                                                  stderr=subprocess.DEVNULL).returncode == 0 else ["docker-compose"]


class Site:
    """docker/ as an operator has it, on a free port."""

    def __init__(self):
        self.folder = os.path.join(work, "site")
        shutil.copytree(os.path.join(ROOT, "docker"), self.folder, ignore=shutil.ignore_patterns("secrets", ".env"))
        self.sh("setup.sh", OLD)
        with socket.create_server(("127.0.0.1", 0)) as s:
            self.port = s.getsockname()[1]
        self.edit_env("PALPATE_PUBLISH=127.0.0.1:8080", f"PALPATE_PUBLISH=127.0.0.1:{self.port}")
        self.edit_env("COMPOSE_PROJECT_NAME=palpate", "COMPOSE_PROJECT_NAME=palpatetest")

    def edit_env(self, what, to):
        path = os.path.join(self.folder, ".env")
        with open(path) as f:
            text = f.read()
        assert what in text
        with open(path, "w") as f:
            f.write(text.replace(what, to))

    def sh(self, script, *args, **more):
        return call("sh", os.path.join(self.folder, script), *args, **more)

    def compose(self, *args, image=None, **more):
        env = {**os.environ, **({"PALPATE_IMAGE": image} if image else {})}
        return call(*COMPOSE, *args, cwd=self.folder, env=env, **more)

    def admin(self, *args, options=(), **more):
        return self.compose("run", "--rm", "-T", *options, "admin", *args, stderr=subprocess.DEVNULL, **more).stdout

    def container(self, service):
        return self.compose("ps", "-q", service).stdout.split()[0]

    def image(self, service):
        return inspect(self.container(service))["Config"]["Image"]

    def is_healthy(self, service):
        return inspect(self.container(service))["State"]["Health"]["Status"] == "healthy"

    def request(self, method, path, body=None, **headers):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            c.request(method, path, json.dumps(body) if body else None, headers)
            r = c.getresponse()
            return r.status, {k.lower(): v for k, v in r.getheaders()}, r.read()
        finally:
            c.close()


class Load:
    """Callers that book without pause. Who gets no answer sends the same again, with its key; `failures` has how often."""

    def __init__(self, site, key, callers=3):
        self.site, self.key, self.ending = site, key, None
        self.answers, self.failures, self.lock = {}, [], threading.Lock()
        self.threads = [threading.Thread(target=self.work) for _ in range(callers)]
        for t in self.threads:
            t.start()

    def work(self):
        c = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=60)
        good, name = True, ""
        while not self.ending or (not good and time.monotonic() < self.ending + 10):
            name = str(uuid.uuid4()) if good else name
            try:
                c.request("POST", "/v1/screenings", json.dumps(CLEAN), {
                    "Authorization": f"Bearer {self.key}", "Content-Type": "application/json", "Idempotency-Key": name})
                r = c.getresponse()
                body = r.read()
                good = r.status == 200 and json.loads(body).get("recorded") is True
            except (OSError, http.client.HTTPException, ValueError) as e:
                good, body = False, repr(e)
                c.close()
            with self.lock:
                if good:
                    answer = json.loads(body)
                    self.answers[answer["id"]] = answer["catalogue"]["version"]
                else:
                    self.failures.append(body[:300])
            time.sleep(0.02)
        c.close()

    def latest(self, n=30):
        """The versions in the last n answers."""
        with self.lock:
            return set(list(self.answers.values())[-n:])

    def goes_on(self, n=30):
        """n more answers."""
        there = len(self.answers)
        return wait_until(lambda: len(self.answers) >= there + n, 30)

    def is_calm(self, when):
        failures, self.failures = self.failures, []
        tap.ok(not failures, f"no request fails {when}", len(failures), *failures[:3])

    def end(self):
        self.ending = self.ending or time.monotonic()
        for t in self.threads:
            t.join()


def comes_up(site):
    since = time.monotonic()
    r = site.compose("up", "-d", check=False)
    if not tap.ok(r.returncode == 0, f"up: {time.monotonic() - since:.0f} s", r.stdout[-2000:],
                  site.compose("logs", "--no-color", "--tail=10", check=False).stdout[-3000:]):
        raise RuntimeError("there is nothing to go on with")
    tap.ok(wait_until(lambda: site.is_healthy("proxy"), 30), "all of it is healthy")
    status, _, body = site.request("GET", "/health/ready")
    tap.ok(status == 200 and json.loads(body)["catalogue_from"] == "database", "the service answers through the proxy", body)
    status = site.request("GET", "/metrics")[0]
    tap.equal(status, 404, "but tells its metrics inside only")
    site.admin("clinic", "create", "riverside", "--name", "Riverside Massage")
    key = site.admin("key", "create", "--clinic", "riverside", "--name", "booking platform").strip()
    status, _, body = site.request("POST", "/v1/screenings", CLEAN, **{"Content-Type": "application/json", "Authorization": f"Bearer {key}"})
    tap.ok(status == 200 and json.loads(body).get("recorded") is True, "a clinic and a key are made, and it screens and records", body)
    return key


def is_confined(site):
    for service in ("palpate-a", "palpate-b", "database", "proxy"):
        found = inspect(site.container(service))
        with open(f"/proc/{found['State']['Pid']}/status") as f:
            fields = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
        host = found["HostConfig"]
        tap.equal((fields["CapEff"], fields["CapBnd"], fields["Seccomp"], fields["NoNewPrivs"], fields["Uid"].split()[0] != "0",
                   host["ReadonlyRootfs"], host["Memory"] > 0, host["NanoCpus"] > 0, host["PidsLimit"] > 0),
                  ("0" * 16, "0" * 16, "2", "1", True, True, True, True, True), f"{service} is confined and limited")
    told = docker("inspect", *(site.container(s) for s in ("palpate-a", "palpate-b", "database", "proxy"))).stdout
    told += site.compose("logs", "--no-color").stdout
    secrets = [open(os.path.join(site.folder, "secrets", s)).read().strip() for s in os.listdir(os.path.join(site.folder, "secrets"))]
    tap.ok(len(set(secrets)) == 3 and not any(s in told for s in secrets), "passwords are in files alone")
    r = docker("exec", site.container("palpate-a"), "/palpate", "health")
    tap.ok('"ready"' in r.stdout, "palpate health says so inside", r.stdout)
    r = docker("exec", "-e", "PGPASSWORD=" + secrets[0][::-1], site.container("palpate-a"), "/palpate", "catalogue", "list",
               "--database-password-file", "", "--database", "host=database dbname=palpate user=palpate_login", check=False)
    tap.ok(r.returncode != 0 and "password authentication failed" in r.stdout, "the database asks for one", r.stdout)
    r = docker("exec", site.container("palpate-a"), "/palpate", "catalogue", "list", check=False)
    tap.ok(r.returncode != 0 and "may not act as palpate_owner" in r.stdout, "the replicas' login cannot administer", r.stdout)


def survives_a_kill(site, load):
    before = inspect(site.container("palpate-a"))
    os.kill(before["State"]["Pid"], signal.SIGKILL)
    tap.ok(load.goes_on(), "with a replica killed the other one answers")
    tap.ok(wait_until(lambda: inspect(before["Id"])["RestartCount"] == 1 and site.is_healthy("palpate-a"), 40),
           "and it comes back by itself")
    tap.ok(len(load.failures) <= len(load.threads), "at most what it was answering had to be sent again", *load.failures[:9])
    load.failures = []


def draft(site):
    """Version 2, published and not in force."""
    folder = edited_copy(lambda f: edit_json(f, "catalogue.json", lambda c: c.update(version="2026.12.0")))
    call("chmod", "-R", "go+rX", os.path.dirname(folder))
    site.admin("catalogue", "load", "--draft", "--as", "Anna Kim", "--catalogue", "/draft", options=("-v", f"{folder}:/draft:ro"))
    site.admin("catalogue", "check", "2", "--as", "Anna Kim")
    site.admin("catalogue", "publish", "2", "--signed-by", "Dr Ben Ruiz")
    shutil.rmtree(os.path.dirname(folder))


def upgrades_and_rolls_back(site, load):
    first = load.latest()
    r = site.sh("upgrade.sh", NEW, check=False)
    tap.ok(r.returncode == 0 and f"{NEW} runs in place of {OLD}" in r.stdout, "upgrade.sh: the later version runs", r.stdout[-3000:])
    tap.equal([site.image(s) for s in ("palpate-a", "palpate-b")], [NEW, NEW], "in both replicas")
    load.is_calm("in an upgrade")
    tap.ok("1" in postgres(site, "select count(*) from palpate.migration where number = 9001"), "its migration was applied")

    site.compose("up", "-d", "palpate-b", image=OLD)
    tap.ok(wait_until(lambda: site.is_healthy("palpate-b"), 40), "an old replica works on the tables of the later version")
    site.admin("catalogue", "activate", "2", "--as", "Dr Ben Ruiz")
    tap.ok(wait_until(lambda: load.latest() == {"2026.12.0"}, 15), "both decide by a catalogue that is activated meanwhile", load.latest())
    site.admin("catalogue", "activate", "1", "--as", "Dr Ben Ruiz")
    tap.ok(wait_until(lambda: load.latest() == first, 15), "and by the one before after its rollback", load.latest())
    load.is_calm("with old and new at once")

    r = site.sh("upgrade.sh", OLD, check=False)
    tap.ok(r.returncode == 0 and [site.image(s) for s in ("palpate-a", "palpate-b")] == [OLD, OLD], "upgrade.sh: rolled back",
           r.stdout[-3000:])
    load.is_calm("on the way back")
    r = site.sh("upgrade.sh", BROKEN, check=False)
    tap.ok(r.returncode == 1 and f"{OLD} is back" in r.stdout and [site.image(s) for s in ("palpate-a", "palpate-b")] == [OLD, OLD],
           "an image that does not become fit is put back", r.stdout[-3000:])
    load.is_calm("with a broken image")
    r = site.compose("up", "-d", check=False)
    tap.ok(r.returncode == 0 and "catalogue" in r.stdout, "up again is fine with a program older than the tables", r.stdout[-2000:])


def postgres(site, sql):
    return docker("exec", site.container("database"), "psql", "-U", "postgres", "-d", "palpate", "-AtXc", sql).stdout.strip()


def nothing_is_lost(site, load):
    tap.ok(load.goes_on(), f"{len(load.answers)} requests are answered")
    load.is_calm("in the rest")
    load.end()
    ids = set(postgres(site, "select id from palpate.screening").split())
    lost = set(load.answers) - ids
    tap.ok(not lost, "every answer is recorded", f"{len(lost)} lost")
    tap.equal(len(ids), len(load.answers) + 1, "once")  # and the first one
    tap.equal(site.compose("run", "--rm", "-T", "admin", "records", "verify", check=False).returncode, 0, "the chain is whole")


def without_replicas(site, key):
    site.compose("stop", "palpate-a", "palpate-b")
    status, headers, body = site.request("POST", "/v1/screenings", CLEAN, Authorization=f"Bearer {key}")
    tap.ok(status == 503 and headers["content-type"] == "application/problem+json" and headers["retry-after"] == "1" and
           json.loads(body)["type"] == "/problems/overloaded", "without replicas the proxy says so as the service would", body)


def main():
    load = site = None
    others = Beside(build_others)
    venv = Beside(make_venv)
    r = call("sh", os.path.join(ROOT, "docker", "build.sh"), OLD, check=False)
    if not tap.ok(r.returncode == 0, "docker/build.sh builds the image", r.stdout[-3000:]):
        tap.done()
    others.join()
    later = Beside(build_later)
    try:
        site = Site()
        key = comes_up(site)
        is_confined(site)
        draft(site)
        load = Load(site, key)
        survives_a_kill(site, load)
        found = files_of(OLD)
        image_holds_what_it_should(found)
        program_runs()
        venv.join()
        sbom_is_right(found)
        later.join()
        build_is_reproducible()
        upgrades_and_rolls_back(site, load)
        nothing_is_lost(site, load)
        without_replicas(site, key)
    finally:
        if load:
            load.end()
        threading.Thread.join(later)
        if site:
            site.compose("down", "-v", "--remove-orphans", check=False)
        docker("image", "rm", "-f", OLD, SAME, NEW, BROKEN, check=False)
        shutil.rmtree(work, ignore_errors=True)
    tap.done()


def make_venv():
    """The tools of requirements.txt, kept until it changes."""
    wanted, venv = os.path.join(HERE, "requirements.txt"), os.path.join(KEEP, "venv")
    there = os.path.join(venv, "requirements.txt")
    if os.path.exists(there) and open(there).read() == open(wanted).read():
        return
    call("/usr/bin/python3", "-m", "venv", "--clear", venv)
    call(os.path.join(venv, "bin", "pip"), "install", "--quiet", "--require-hashes", "-r", wanted)
    shutil.copyfile(wanted, there)


main()
