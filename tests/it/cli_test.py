"""The command line: screening offline, exit statuses, settings, help, and what README says of them."""
import json
import os
import re
import signal
import socket
import tempfile
import threading

from issuer import SigningKey, key_set
from support import AS_OF, CATALOGUE, CLEAN, ROOT, Server, Tap, binary_argument, edit_json, edited_copy, run, wait_until

tap = Tap()
binary = binary_argument()


def screening():
    r = run(binary, "screen", "-", stdin=json.dumps(CLEAN))
    answer = json.loads(r.stdout)
    tap.equal((r.returncode, answer["disposition"]), (0, "proceed"), "screen judges standard input")
    path = os.path.join(ROOT, "tests", "fuzz", "request", "least.json")
    r = run(binary, "screen", path)
    tap.equal((r.returncode, json.loads(r.stdout)["disposition"]), (0, "needs_answers"), "or a file")
    r = run(binary, "screen", "--pretty", "-", stdin=json.dumps(CLEAN))
    tap.ok(json.loads(r.stdout) == answer and len(r.stdout.splitlines()) > 100, "--pretty is for reading")
    r = run(binary, "screen", "-", stdin=json.dumps(CLEAN), catalogue=CATALOGUE)
    tap.equal(json.loads(r.stdout), answer, "the built-in catalogue is the one in the source")
    r = run(binary, "screen", "-", stdin=json.dumps({"subject": {}, "goals": ["x"]}))
    tap.ok(r.returncode == 1 and "/subject/age_years" in r.stderr and "/goals/0" in r.stderr and not r.stdout,
           "a faulty request: every fault and status 1", r)
    tap.equal(run(binary, "screen", "-", stdin="{").returncode, 65, "no JSON: status 65")
    tap.equal(run(binary, "screen", "-", stdin=" " * 70000).returncode, 65, "too large: status 65")
    r = run(binary, "screen", "/nonexistent")
    tap.ok(r.returncode == 66 and "/nonexistent" in r.stderr, "no such file: status 66", r)
    with Server(binary) as s:
        status, _, body = s.request("POST", "/v1/screenings", json.dumps(CLEAN), {"Content-Type": "application/json"})
        offline = run(binary, "screen", "-", stdin=json.dumps(CLEAN)).stdout
        tap.ok(status == 200 and body.decode() + "\n" == offline, "HTTP and the command line give the same bytes")


def wrong_use():
    rows = [
        ((), 64), (("dance",), 64), (("catalogue",), 64), (("catalogue", "burn"), 64), (("serve", "now"), 64),
        (("screen", "a", "b"), 64), (("serve", "--port"), 64), (("serve", "--colour", "red"), 64),
        (("screen", "--rule", "x"), 64), (("serve", "--port", "x"), 78), (("serve", "--port", "65536"), 78),
        (("serve", "--port", "-1"), 78), (("serve", "--port="), 78), (("serve", "--threads", "0"), 78),
        (("serve", "--log-level", "loud"), 78), (("serve", "--listen", "localhost"), 78), (("migrate",), 78),
        (("catalogue", "load"), 78), (("catalogue", "show", "--rule", "none"), 66),
        (("catalogue", "check", "--catalogue", "/nonexistent"), 66), (("catalogue", "show", "--course", "none"), 66),
        (("catalogue", "show", "--rule", "fever", "--fact", "fever"), 64), (("explain", "/nonexistent"), 66),
        (("explain", "a", "b"), 64), (("explain",), 65),
        (("health", "--port", "0"), 78), (("health", "now"), 64), (("migrate", "--live"), 64),
        (("migrate", "--database-password-file", "/nonexistent"), 66),
        (("migrate", "--database-password-file", "/dev/null"), 78),
    ]
    for args, status in rows:
        r = run(binary, *args)
        tap.ok(r.returncode == status and len(r.stderr.splitlines()) == 1 and r.stderr.startswith("palpate: "),
               f"palpate {' '.join(args)}: status {status} and one sentence", r)
    r = run(binary, "catalogue", "check", colour="red")
    tap.ok(r.returncode == 78 and "PALPATE_COLOUR" in r.stderr, "an unknown variable is refused", r)
    r = run(binary, "serve", port="eighty")
    tap.ok(r.returncode == 78 and "PALPATE_PORT" in r.stderr and "eighty" not in r.stderr, "a malformed one as well", r)
    with Server(binary) as s:
        r = run(binary, "serve", port=s.port)
        tap.ok(r.returncode == 71 and "another program uses the port" in r.stderr and len(r.stderr.splitlines()) == 1,
               "a port in use: one clear sentence", r)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as jwks:
        jwks.write(key_set(SigningKey("a")))
        jwks.flush()
        r = run(binary, "serve", listen="203.0.113.7", port=0, jwks=jwks.name, jwt_audience="palpate")
    tap.ok(r.returncode == 71 and "does not have the address" in r.stderr, "an address of another machine", r)


def health():
    """What a container's health check calls."""
    with Server(binary) as s:
        r = run(binary, "health", port=s.port)
        tap.ok(r.returncode == 0 and json.loads(r.stdout)["status"] == "ready" and r.stdout.count("\n") == 1,
               "health: a service that is fit, in one line", r)
        r = run(binary, "health", "--live", listen="0.0.0.0", port=s.port)
        tap.ok(r.returncode == 0 and json.loads(r.stdout)["status"] == "live", "health --live, on all addresses", r)
        r = run(binary, "health", port=s.port, tls_certificate="x", tls_key="y")
        tap.ok(r.returncode == 1 and r.stderr.startswith(f"palpate: https://127.0.0.1:{s.port}/health/ready gives no answer"),
               "with a certificate it asks over TLS", r)
        s.process.send_signal(signal.SIGSTOP)
        r = run(binary, "health", port=s.port)
        s.process.send_signal(signal.SIGCONT)
        tap.ok(r.returncode == 1 and len(r.stderr.splitlines()) == 1, "health: a service that hangs", r)
    with Server(binary, drain_delay=30) as s:
        s.process.send_signal(signal.SIGTERM)
        wait_until(lambda: s.request("GET", "/health/ready")[0] == 503)
        r = run(binary, "health", port=s.port)
        tap.ok(r.returncode == 1 and json.loads(r.stdout)["stopping"] is True, "health: a service that stops", r)
        tap.equal(run(binary, "health", "--live", port=s.port).returncode, 0, "it still runs")
        s.process.kill()
    r = run(binary, "health", port=s.port)
    tap.ok(r.returncode == 1 and not r.stdout and len(r.stderr.splitlines()) == 1, "health: no service", r)
    other = socket.create_server(("127.0.0.1", 0))
    asked = threading.Thread(target=answer_once, args=(other, b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n[1]\n"))
    asked.start()
    r = run(binary, "health", port=other.getsockname()[1])
    asked.join()
    tap.ok(r.returncode == 1 and "no service of this kind" in r.stderr, "health: another program's answer", r)


def answer_once(listener, answer):
    connection, _ = listener.accept()
    connection.recv(4096)
    connection.sendall(answer)
    connection.close()


def helping():
    for args in (("--help",), ("serve", "--help"), ("catalogue", "--help"), ("catalogue", "load", "--help"),
                 ("screen", "-h"), ("help",)):
        r = run(binary, *args)
        tap.ok(r.returncode == 0 and "Usage:" in r.stdout and "PALPATE_PORT" in r.stdout, "palpate " + " ".join(args), r)
    tap.ok(re.fullmatch(r"palpate \d+\.\d+\.\d+\n", run(binary, "--version").stdout), "--version")
    table = run(binary, "settings").stdout
    with open(os.path.join(ROOT, "README.md")) as f:
        readme = f.read()
    tap.contains(readme, table, "README has the table of settings as the program prints it")
    for what, item in (("rule", "em_chest_pain"), ("fact", "fever"), ("evidence", "ev_nice_cg95"),
                       ("course", "lbp_chronic"), ("technique", "swedish")):
        r = run(binary, "catalogue", "show", "--" + what, item, "--json")
        found = json.loads(r.stdout)
        tap.equal(found.get("id", found.get("code")), item, f"catalogue show --{what} --json")
        r = run(binary, "catalogue", "show", "--" + what, item)
        tap.ok(r.returncode == 0 and r.stdout.splitlines()[0].endswith(" " + item) and "Signed: " in r.stdout
               and "{" not in r.stdout, f"catalogue show --{what} in words", r)
    tap.equal(json.loads(run(binary, "catalogue", "show").stdout)["review"]["status"], "draft", "catalogue show as it was")
    r = run(binary, "catalogue", "check")
    tap.ok(r.returncode == 0 and "no faults" in r.stdout, "catalogue check of what is built in", r)
    counts = {m[0]: (int(m[1]), int(m[2])) for m in re.findall(r"^(\S+): draft, (\d+) of (\d+) texts$", r.stdout, re.M)}
    tap.ok(len(counts) >= 7 and counts["ko"][0] > 1000 > 100 > counts["de"][0], "and how far its translations have come", r.stdout)
    for tag in ("de", "ko"):
        r = run(binary, "catalogue", "check", "--missing", tag + "-XX")
        missing = [line for line in r.stdout.splitlines() if line.startswith("/")]
        tap.ok(r.returncode == 0 and len(missing) == counts[tag][1] - counts[tag][0] and
               ("/rules/em_chest_pain/message" in missing) == (tag == "de"),
               f"catalogue check --missing {tag} lists what is not translated", r)
    r = run(binary, "catalogue", "check", "--missing", "xx")
    tap.ok(r.returncode == 66 and "xx" in r.stderr, "a language that is not there", r)


def languages():
    english = json.loads(run(binary, "screen", stdin=json.dumps(CLEAN)).stdout)
    for args, settings, language in ((("--language", "ko"), {}, "ko"), ((), {"language": "vi-VN"}, "vi"),
                                     (("--language=es-419",), {"language": "ko"}, "es"), (("--language", "xx"), {}, None),
                                     (("--language", "en-GB"), {"language": "ko"}, None)):
        answer = json.loads(run(binary, "screen", *args, stdin=json.dumps(CLEAN), **settings).stdout)
        tap.ok(answer.get("language") == language and (answer == english) == (language is None) and
               answer["disposition"] == english["disposition"], f"screen {' '.join(args)} {settings}: in {language}", answer)
    r = run(binary, "screen", "--language", "ko_KR", stdin=json.dumps(CLEAN))
    tap.ok(r.returncode == 78 and "--language" in r.stderr, "what is no tag is refused", r)


def explaining():
    request = {**CLEAN, "subject": {"age_years": 41, "sex": "male", "ref": "b\x1b[2J\u202ek"},
               "history": {"conditions": [{"id": "osteoporosis"}]}}
    page = run(binary, "explain", "-", stdin=json.dumps(request))
    answer = json.loads(run(binary, "screen", "-", stdin=json.dumps(request)).stdout)
    tap.ok(page.returncode == 0 and not page.stderr and page.stdout.startswith("Book, with changes: "),
           "explain judges a request", page)
    text = " ".join(page.stdout.split())
    tap.ok(len(answer["warnings"]) > 2 and all(" ".join(w["message"].split()) in text for w in answer["warnings"]),
           "every message is on the page", page.stdout)
    tap.contains(text, "Osteoporosis (history, condition 1) [/history/conditions/0]", "what made a rule fire, in words")
    tap.ok("\x1b" not in page.stdout and "\u202e" not in page.stdout, "no control character reaches the terminal")
    tap.ok(max(map(len, page.stdout.splitlines())) <= 80, "nothing is wider than 80 columns")
    kept = run(binary, "explain", "-", stdin=json.dumps(answer), catalogue="/nonexistent")
    tap.ok(kept.returncode == 0 and "history, condition 1 [/history/conditions/0]" in " ".join(kept.stdout.split()),
           "an answer that was kept needs no catalogue", kept)
    def said(p):
        return p.stdout.split("Techniques\n---")[1].split("What could not")[0]

    tap.equal(said(page).replace("Osteoporosis", "osteoporosis"), said(kept),
              "and says the same of it, with ids in place of the labels that it has not")
    r = run(binary, "explain", "-", stdin="{}")
    tap.ok(r.returncode == 65 and "cannot explain" in r.stderr and not r.stdout, "what is neither is not explained", r)
    r = run(binary, "explain", "-", stdin=json.dumps({"subject": {}, "goals": ["x"]}))
    tap.ok(r.returncode == 1 and "/subject/age_years" in r.stderr and not r.stdout, "a faulty request: every fault", r)


def reviewing():
    accepted = json.load(open(os.path.join(CATALOGUE, "accepted.json")))["accepted"]
    count = sum(len(entry.get("items", [0])) for entry in accepted)
    r = run(binary, "catalogue", "check", "--strict", catalogue=CATALOGUE)
    tap.ok(r.returncode == 0 and f"0 findings, {count} accepted\n" in r.stdout, "the catalogue has no open findings", r)
    digest = r.stdout.splitlines()[-1]
    r = run(binary, "catalogue", "check", "--all", catalogue=CATALOGUE)
    tap.equal(r.stdout.count("\n    accepted: "), count, "--all shows those that are accepted")

    def unfinished(folder):
        os.remove(os.path.join(folder, "accepted.json"))
        edit_json(folder, "rules/04-clots.json",
                  lambda j: j["rules"][0].update(when={"and": [j["rules"][0]["when"], {"<": [{"var": "age_years"}, 0]}]}))
    folder = edited_copy(unfinished)
    rule = json.load(open(os.path.join(folder, "rules", "04-clots.json")))["rules"][0]["id"]
    r = run(binary, "catalogue", "check", catalogue=folder)
    line = [line for line in r.stdout.splitlines() if line.endswith("[rule_never_fires]")]
    tap.ok(r.returncode == 0 and len(line) == 1 and line[0].startswith(f"rule {rule}: ") and "; no faults\n" in r.stdout,
           "a rule that cannot fire is named, and refuses nothing", r)
    r = run(binary, "catalogue", "check", "--strict", catalogue=folder)
    tap.ok(r.returncode == 2 and f"{count + 1} findings, 0 accepted\n" in r.stdout and not r.stderr,
           "with --strict the status is 2", r.stdout[-300:], r.stderr)
    folder = edited_copy(lambda d: edit_json(d, "accepted.json", lambda j: j["accepted"].append(
        {"finding": "rule_never_fires", "item": rule, "reason": "it was"})))
    r = run(binary, "catalogue", "check", "--strict", catalogue=folder)
    tap.ok(r.returncode == 2 and "[accepted_unused]" in r.stdout and r.stdout.splitlines()[-1] == digest,
           "what is accepted and no longer found is a finding; the digest does not know the file", r)


def tells_nothing():
    """Whatever is wrong with a request, no command repeats what it says: run() fails where one does."""
    word = "zQ7marker"
    whole = {"subject": {"age_years": 41, "sex": "male", "ref": "zQ7marker-ref"}, "goals": ["sleep"], "as_of": AS_OF,
             "unlisted": "absent", "symptoms": [{"id": "fever", "status": "present"}],
             "complaints": [{"region": "lower_back", "side": "both", "onset": "gradual", "cause": "overuse", "pain": 5}],
             "history": {"conditions": [{"id": "osteoporosis"}], "medications": [{"id": "anticoagulants"}]},
             "preferences": {"techniques": ["deep_tissue"], "session_minutes": 60},
             "clearances": [{"for": "osteoporosis", "by": "physician", "date": AS_OF}]}

    def put(value, depth):
        """The same with the word in place of all that lies so deep."""
        if depth == 0 or not isinstance(value, (dict, list)):
            return word
        return {k: put(v, depth - 1) for k, v in value.items()} if isinstance(value, dict) else [put(v, depth - 1) for v in value]

    text = json.dumps(whole)
    rows = [(f"the word {depth} deep", json.dumps(put(whole, depth)), [1, 1, 0]) for depth in (1, 2, 3, 4)]
    rows += [("a reference of 300 letters", text.replace("zQ7marker-ref", word * 33), [1, 1, 0]),
             ("a reference with a control character", text.replace("-ref", "\\u0007"), [1, 1, 0]),
             ("a member twice", text.replace('"sex"', f'"ref": "{word}", "sex"'), [65] * 3),
             ("a text that ends early", text[:text.index("-ref")], [65] * 3),
             ("more after the end", text + f' "{word}"', [65] * 3),
             ("a text without quotes", text.replace('"male"', word), [65] * 3), ("a word alone", f'"{word}"', [1, 65, 0])]
    impact = ("catalogue", "impact", CATALOGUE, "--generate", "0", "--requests", "-")
    for name, body, wanted in rows:
        found = [run(binary, *command, stdin=body) for command in (("screen",), ("explain",), impact)]
        tap.ok([r.returncode for r in found] == wanted and not found[0].stdout + found[1].stdout and
               (wanted[2] or "1 of the kept ones cannot" in found[2].stdout), f"{name}: refused, and nothing of it told", *found)


def within(part, whole):
    """Is this shortened answer part of the whole one? Of a list each member is looked for."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(k in whole and within(v, whole[k]) for k, v in part.items())
    if isinstance(part, list) and part:
        return isinstance(whole, list) and all(any(within(p, w) for w in whole) for p in part)
    return part == whole


def readme():
    with open(os.path.join(ROOT, "README.md")) as f:
        text = f.read()
    request = re.search(r"-d '(\{.*?\n\})'", text, re.S).group(1)
    shown = json.loads(re.search(r"```json\n(.*?)```", text, re.S).group(1))
    answer = json.loads(run(binary, "screen", stdin=request).stdout)
    tap.ok(within(shown, answer), "the answer that README shows is the answer given", answer)


def precedence():
    r = run(binary, "catalogue", "check", "--catalogue", CATALOGUE, catalogue="/nonexistent")
    tap.equal(r.returncode, 0, "an option beats the variable")
    with Server(binary, "--port", "0", port=1) as s:
        tap.ok(s.port != 1, "for the port too")


screening()
wrong_use()
health()
helping()
explaining()
languages()
reviewing()
tells_nothing()
readme()
precedence()
assert AS_OF
tap.done()
