"""What protects the program itself: the compiler's and linker's work, what the process keeps to itself, the fields of its
answers; and that api/SECURITY.md speaks of what there is.

Usage: hardening_test.py PALPATE (of the release preset: what is shipped)
"""
import glob
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import tempfile

from support import CLEAN, ROOT, Server, Tap, binary_argument

tap = Tap()
binary = binary_argument()
X86 = platform.machine() in ("x86_64", "amd64")

# The OpenSSF's guide, as far as the compilers have it: of each group one must stand in every call of the compiler.
FLAGS = [["-O2"], ["-D_FORTIFY_SOURCE=3"], ["-fPIE"], ["-fstack-protector-strong"], ["-fstack-clash-protection"],
         ["-fcf-protection=full" if X86 else "-mbranch-protection=standard"], ["-ftrivial-auto-var-init=zero"],
         ["-fno-delete-null-pointer-checks"], ["-fno-strict-overflow"], ["-fno-strict-aliasing"], ["-Wall"], ["-Wextra"],
         ["-Wformat=2"], ["-Wconversion"], ["-Wimplicit-fallthrough"], ["-Wtrampolines"], ["-Wbidi-chars=any"],
         ["-Werror=format-security"], ["-Werror=implicit"], ["-Werror=incompatible-pointer-types"], ["-Werror=int-conversion"]]


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


# ---- the program -------------------------------------------------------------------------------------------------

def compiled():
    with open(os.path.join(os.path.dirname(binary), "compile_commands.json")) as f:
        calls = [c for c in json.load(f) if "/service/gen/" not in c["file"]]
    tap.ok({os.path.join(ROOT, "service", "main.c"), os.path.join(ROOT, "service", "http", "server.c")} <=
           {c["file"] for c in calls} and len(calls) > 100, "the build says how each file was compiled", len(calls))
    for group in FLAGS:
        without = [c["file"] for c in calls if not set(group) & set(c["command"].split())]
        tap.equal(without, [], f"every file is compiled with {' or '.join(group)}")
    undone = [c["file"] for c in calls if re.search(r" -fno-(stack|pie|PIE|cf)|-z execstack|-fcf-protection=none", c["command"])]
    tap.equal(undone, [], "and none of it is taken back")


def linked():
    header, segments, dynamic = (output("readelf", "-W", option, binary) for option in ("-h", "-l", "-d"))
    tap.ok(re.search(r"Type:\s+DYN ", header) and re.search(r"FLAGS_1.*\bPIE\b", dynamic), "the program has no fixed address")
    tap.ok("GNU_RELRO" in segments, "its tables of addresses become read-only (RELRO)", segments)
    tap.ok(re.search(r"FLAGS\).*BIND_NOW", dynamic) and re.search(r"FLAGS_1.*\bNOW\b", dynamic), "all of them (BIND_NOW)",
           dynamic)
    flags = {line.split()[0]: line.split()[6:-1] for line in segments.splitlines() if re.match(r"\s+(LOAD|GNU_STACK) ", line)}
    tap.equal(flags["GNU_STACK"], ["RW"], "its stack cannot be executed")
    both = [line for line in segments.splitlines() if re.match(r"\s+LOAD ", line) and re.search(r" RWE | WE ", line)]
    tap.equal(both, [], "nothing can be both written and executed")
    tap.ok(not re.search(r"RPATH|RUNPATH|TEXTREL", dynamic), "no path for libraries is built in, and no code is changed", dynamic)
    imported = output("nm", "-D", "--undefined-only", binary)
    tap.contains(imported, "__stack_chk_fail", "functions with buffers guard their frames")
    checked = set(re.findall(r"__(\w+)_chk\b", imported))
    tap.ok({"memcpy", "snprintf", "vsnprintf"} <= checked, "calls that write know the room (FORTIFY_SOURCE)", checked)


def generated():
    """What link-time optimisation made of the flags."""
    code = output("objdump", "-d", "--no-show-raw-insn", binary)
    starts = dict(re.findall(r"^[0-9a-f]+ <(\w+)>:\n\s+[0-9a-f]+:\s+(\S+)", code, re.M))
    if X86:
        marked = ("main", "command_serve", "post_screening", "get_rules", "get_ready")
        tap.equal({starts.get(f) for f in marked}, {"endbr64"}, "where code may be jumped to is marked")
        tap.ok(code.count("orq    $0x0,(%rsp)") > 20, "large frames are touched page by page",
               code.count("orq    $0x0,(%rsp)"))
    else:
        tap.ok(starts.get("main") in ("paciasp", "bti"), "where code may be jumped to is marked", starts.get("main"))


# ---- the process -------------------------------------------------------------------------------------------------

def process():
    """As a user without any rights, under a limit that would allow a core file."""
    place = tempfile.mkdtemp(prefix="palpate-hardening-")
    os.chmod(place, 0o755)
    copy = shutil.copy(binary, place)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
    nobody = nobody if os.getuid() == 0 else []
    read = ["head", "-c", "1"]
    other = subprocess.Popen([*nobody, "sleep", "60"])
    try:
        with Server(copy, prefix=["prlimit", "--core=unlimited", *nobody]) as s:
            pid = s.process.pid
            tap.equal(s.post(CLEAN)[0], 200, "it answers without any rights")
            status = dict(line.split(":\t", 1) for line in open(f"/proc/{pid}/status").read().splitlines())
            tap.equal(status["NoNewPrivs"], "1", "and no program that it could start gains any")
            tap.ok(not nobody or {int(status[k], 16) for k in ("CapEff", "CapPrm", "CapBnd")} == {0}, "it has none", status)
            limits = open(f"/proc/{pid}/limits").read()
            tap.ok(re.search(r"Max core file size\s+0\s+0 ", limits), "no core file is allowed", limits)
            for what in ("environ", "mem", "maps"):
                mine = subprocess.run([*nobody, *read, f"/proc/{pid}/{what}"], capture_output=True, text=True)
                tap.ok(mine.returncode == 1 and "denied" in mine.stderr,
                       f"another process of the same user cannot read its {what}", mine)
            known = subprocess.run([*nobody, *read, f"/proc/{other.pid}/environ"], capture_output=True)
            tap.equal(known.returncode, 0, "as it can of any other")
            s.process.send_signal(signal.SIGABRT)
            _, ended = os.waitpid(pid, 0)
            s.process.returncode = -signal.SIGABRT
            tap.equal((os.WTERMSIG(ended), os.WCOREDUMP(ended)), (signal.SIGABRT, False),
                      "when it is killed it leaves no core file")
            tap.equal(os.listdir(place), [os.path.basename(copy)], "nor anything else")
    finally:
        other.kill()
        other.wait()
        shutil.rmtree(place)


def answers():
    with Server(binary) as s:
        kinds = {200: s.post(CLEAN), 400: s.post("{"), 422: s.post({"subject": {"age_years": "x"}}), 404: s.get("/nothing"),
                 405: s.request("PUT", "/v1/screenings"), 406: s.get("/v1/facts", Accept="text/html"),
                 413: s.post("x" * 70000), 415: s.post("x", content_type="text/plain")}
        for wanted, (status, fields, _) in kinds.items():
            tap.equal((status, fields.get("cache-control"), fields.get("x-content-type-options"), fields.get("server")),
                      (wanted, "no-store", "nosniff", None),
                      f"{wanted}: kept by nobody, taken for nothing else, and says no version")


def strangers_leave_nothing():
    """Request lines that leave no memory for what follows: the connection is closed, and all of it is gone."""
    def resident(s):
        with open(f"/proc/{s.process.pid}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))
    with open(os.path.join(ROOT, "tests", "fuzz", "http", "line-fills-memory"), "rb") as f:
        line = f.read()
    with Server(binary) as s:
        for _ in range(50):
            s.raw(line)
        before = resident(s)
        for _ in range(300):
            s.raw(line)
        tap.ok(resident(s) - before < 2000, "requests that are broken off leave nothing behind", before, resident(s))


# ---- what is written ---------------------------------------------------------------------------------------------

def written():
    with open(os.path.join(ROOT, "api", "SECURITY.md")) as f:
        text = f.read()
    rows = dict(re.findall(r"^\| (API\d+):2023 (.*)$", text, re.M))
    tap.equal(sorted(rows), sorted(f"API{n}" for n in range(1, 11)), "each item of the OWASP API Security Top 10 has its row")
    named = re.compile(r"`(tests/[\w./-]+)(?::(\w+))?`")
    tap.equal([item for item, row in rows.items() if not named.search(row)], [], "and names a test")
    for path, function in sorted(set(named.findall(text))):
        where = os.path.join(ROOT, path)
        there = os.path.exists(where)
        if there and function:
            with open(where) as f:
                there = re.search(rf"^(def|static void) {function}\(", f.read(), re.M)
        tap.ok(there, f"{path}{':' if function else ''}{function} is there")
    targets = {os.path.basename(p)[5:-2] for p in glob.glob(os.path.join(ROOT, "tests", "fuzz", "fuzz_*.c"))}
    tap.equal(set(re.findall(r"^\| `fuzz_(\w+)` ", text, re.M)), targets, "the table of fuzz targets has them all")
    few = {t for t in targets if len(os.listdir(os.path.join(ROOT, "tests", "fuzz", t))) < 8}
    tap.equal(few, set(), "each with a corpus that the suite replays")


compiled()
linked()
generated()
process()
answers()
strangers_leave_nothing()
written()
tap.done()
