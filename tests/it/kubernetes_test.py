"""docker/kubernetes/ rendered by kustomize and judged by kubeconform against the schemas of Kubernetes and of the
Prometheus operator, without a network; and what no schema knows: the settings are the program's, the parts fit together.

kubernetes_test.py PALPATE KUSTOMIZE KUBECONFORM WHEEL CRD: the wheel of kubernetes-validate, which holds the schemas of
Kubernetes, and the operator's definition of a ServiceMonitor."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

import yaml

from support import ROOT, Tap, binary_argument, environment

OLDEST, NEWEST = "1.33.0", "1.37.0"  # of Kubernetes; docker/kubernetes/README.md says so
FOLDER = os.path.join(ROOT, "docker", "kubernetes")
KUSTOMIZE, KUBECONFORM, WHEEL, CRD = sys.argv[2:6]

tap = Tap()
binary = binary_argument()
work = tempfile.mkdtemp(prefix="palpate-kubernetes-")


def unpack():
    """The schemas of the kinds that there are, with references to files where they have some to a site."""
    kinds = subprocess.run(["grep", "-rhE", "^kind: ", FOLDER], stdout=subprocess.PIPE, text=True).stdout.lower().split()
    wanted = "|".join({"_definitions", "configmap", "secret", *kinds} - {"kind:"})
    with zipfile.ZipFile(WHEEL) as wheel:
        for name in wheel.namelist():
            match = re.search(rf"json-schema/v([0-9.]+)-local-strict/((?:{wanted})(?:-.*)?\.json)$", name)
            if match and match.group(1) in (OLDEST, NEWEST):
                os.makedirs(os.path.join(work, "schemas", match.group(1)), exist_ok=True)
                schema = json.loads(wheel.read(name))
                schema.pop("$id", None)
                with open(os.path.join(work, "schemas", *match.groups()), "w") as f:
                    f.write(json.dumps(schema).replace('"/api/_definitions.json', '"_definitions.json'))
    with open(CRD) as f:
        version, = yaml.load(f, yaml.CSafeLoader)["spec"]["versions"]
    with open(os.path.join(work, "schemas", "servicemonitor_v1.json"), "w") as f:
        json.dump(closed(version["schema"]["openAPIV3Schema"]), f)


def closed(schema):
    """Members that a definition does not name are a mistake."""
    if isinstance(schema, dict):
        if "properties" in schema and "additionalProperties" not in schema:
            schema["additionalProperties"] = False
        if schema.get("type") == "object" and set(schema.get("properties", {})) >= {"apiVersion", "kind"}:
            schema["properties"]["metadata"] = {"type": "object"}
        for value in schema.values():
            closed(value)
    elif isinstance(schema, list):
        for value in schema:
            closed(value)
    return schema


def render(folder):
    """What kubectl apply -k would send, as text."""
    r = subprocess.run([KUSTOMIZE, "build", folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    tap.ok(r.returncode == 0 and not r.stderr, f"{os.path.basename(folder)} is rendered without a warning", r.stderr)
    return r.stdout


def judge(text, version):
    kubernetes = os.path.join(work, "schemas", version, "{{.ResourceKind}}{{.KindSuffix}}.json")
    operator = os.path.join(work, "schemas", "{{.ResourceKind}}_{{.ResourceAPIVersion}}.json")
    return subprocess.run([KUBECONFORM, "-strict", "-summary", "-kubernetes-version", version, "-schema-location", kubernetes,
                           "-schema-location", operator], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def check_schemas(text, name):
    n = len([d for d in yaml.safe_load_all(text) if d])
    for version in (OLDEST, NEWEST):
        r = judge(text, version)
        tap.ok(r.returncode == 0 and f"Valid: {n}, Invalid: 0, Errors: 0, Skipped: 0" in r.stdout,
               f"{name}: all {n} are valid for Kubernetes {version}", r.stdout)


def check_judge(text):
    """It would find a mistake: a kind, a member, a value that is not there."""
    for right, wrong in (("kind: PodDisruptionBudget", "kind: PodDisruptionBudgets"), ("startupProbe:", "startProbe:"),
                         ("maxUnavailable: 1\n", "maxUnavailable: [1]\n"), ("interval: 15s", "interval: often"),
                         ("path: /metrics", "paths: /metrics")):
        document = next(d for d in text.split("---\n") if right in d)
        r = judge(document.replace(right, wrong), NEWEST)
        tap.ok(r.returncode != 0, f"{wrong.strip()} is found", r.stdout)


# ---- what no schema knows ----------------------------------------------------------------------------------------

def of(documents, kind):
    return next((d for d in documents if d["kind"] == kind and d["metadata"]["name"].startswith("palpate")), {})


def pods(documents):
    for d in documents:
        if d["kind"] in ("Deployment", "Job"):
            yield d["kind"], d["spec"]["template"]


def containers(pod):
    return pod["spec"].get("initContainers", []) + pod["spec"]["containers"]


def check_restricted(documents):
    """The Pod Security Standard "restricted", and a root file system that nobody writes to."""
    for kind, pod in pods(documents):
        spec = pod["spec"]
        of_pod = spec["securityContext"]
        tap.ok(of_pod["runAsNonRoot"] and of_pod["runAsUser"] > 0 and of_pod["seccompProfile"] == {"type": "RuntimeDefault"}
               and not any(spec.get(m) for m in ("hostNetwork", "hostPID", "hostIPC")), f"{kind}: not root, filtered calls")
        tap.ok(spec["automountServiceAccountToken"] is False and spec["enableServiceLinks"] is False,
               f"{kind}: no token, no variables of services")
        for c in containers(pod):
            tap.equal(c["securityContext"], {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                             "capabilities": {"drop": ["ALL"]}}, f"{kind}: {c['name']} is confined")
            tap.ok(c["resources"]["requests"].keys() >= {"cpu", "memory"} and "memory" in c["resources"]["limits"],
                   f"{kind}: {c['name']} has bounds")


def check_parts(documents):
    names = {(d["kind"], d["metadata"]["name"]) for d in documents}
    deployment = of(documents, "Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    selectors = {"Deployment": deployment["spec"]["selector"]["matchLabels"],
                 "Service": of(documents, "Service")["spec"]["selector"],
                 "PodDisruptionBudget": of(documents, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
                 "NetworkPolicy": of(documents, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"]}
    job = of(documents, "Job")["spec"]["template"]["metadata"]["labels"]
    for kind, selector in selectors.items():
        tap.ok(selector.items() <= labels.items(), f"{kind}: selects the pods of the service", selector, labels)
        tap.ok((selector.items() <= job.items()) == (kind == "NetworkPolicy"), f"{kind}: and the migration as it should")
    monitor = of(documents, "ServiceMonitor")
    if monitor:
        service = of(documents, "Service")
        tap.ok(monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
               and monitor["spec"]["endpoints"][0]["port"] in [p["name"] for p in service["spec"]["ports"]],
               "ServiceMonitor: selects the service")
    target = of(documents, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    tap.ok((target["kind"], target["name"]) in names and "replicas" not in deployment["spec"],
           "HorizontalPodAutoscaler: it alone says how many there are")
    for kind, pod in pods(documents):
        for c in containers(pod):
            wanted = [("ConfigMap", e["configMapRef"]["name"]) for e in c.get("envFrom", [])]
            wanted += [("Secret", e["valueFrom"]["secretKeyRef"]["name"]) for e in c["env"]]
            wanted += [("ConfigMap", v["configMap"]["name"]) for v in pod["spec"]["volumes"] if "configMap" in v]
            if of(documents, "Secret"):
                tap.ok(set(wanted) <= names, f"{kind}: {c['name']}: what it refers to is there", wanted)
        mounts = {m["name"] for c in containers(pod) for m in c["volumeMounts"]}
        tap.equal(mounts, {v["name"] for v in pod["spec"]["volumes"]}, f"{kind}: every volume is mounted")


def check_settings(documents):
    """The program takes the settings, the ports are the same, and there is time to stop."""
    settings = next(d["data"] for d in documents if d["kind"] == "ConfigMap" and "PALPATE_PORT" in d["data"])
    pod = of(documents, "Deployment")["spec"]["template"]["spec"]
    container = pod["containers"][0]
    ours = {k[len("PALPATE_"):].lower(): v for k, v in settings.items()}
    # a database that nobody can reach, and no cache: it must get as far as that
    r = subprocess.run([binary, "serve"], env=environment(**{**ours, "database": "host=/nowhere dbname=palpate", "port": "none"}),
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=20)
    tap.ok(r.returncode != 0 and "PALPATE_PORT" in r.stderr and len(re.findall("PALPATE_", r.stderr)) == 1,
           "the program takes every setting but a wrong one", r.stderr)
    help_text = subprocess.run([binary, "serve", "--help"], stdout=subprocess.PIPE, text=True).stdout
    tap.ok(all(re.search(rf"\b{name}\b", help_text) for name in settings), "every setting is the program's", settings)
    tap.equal(int(settings["PALPATE_PORT"]), container["ports"][0]["containerPort"], "the port is the service's")
    tap.ok(int(settings["PALPATE_DRAIN_DELAY"]) + int(settings["PALPATE_STOP_TIMEOUT"]) + 5
           <= pod["terminationGracePeriodSeconds"], "there is time to stop")
    cache = next(m["mountPath"] for m in container["volumeMounts"] if m["name"] == "cache")
    tap.equal(settings["PALPATE_CACHE"], cache, "the cache is a volume")
    ready = container["readinessProbe"]
    tap.ok(ready["periodSeconds"] * ready["failureThreshold"] > 40, "a database that fails over takes no pod away")


def check_no_secret():
    """None is in the folder, and what a site makes there stays out of the repository."""
    kinds = subprocess.run(["grep", "-rlE", "^kind: Secret$", FOLDER], stdout=subprocess.PIPE, text=True).stdout
    tap.equal(kinds, "", "no Secret is in the folder")
    for name in ("database.env", "ca.crt"):
        r = subprocess.run(["git", "-C", ROOT, "check-ignore", "-q", f"docker/kubernetes/site/{name}"])
        tap.ok(r.returncode == 0, f"{name} is ignored by git")


try:
    unpack()
    base = render(os.path.join(FOLDER, "base"))
    check_schemas(base, "base")
    shutil.copytree(FOLDER, os.path.join(work, "kubernetes"))
    site = os.path.join(work, "kubernetes", "site")
    shutil.copy(os.path.join(site, "database.env.example"), os.path.join(site, "database.env"))
    with open(os.path.join(site, "ca.crt"), "w") as f:
        f.write("a certificate\n")
    text = render(site)
    check_schemas(text, "site")
    check_judge(text)
    for rendered in (base, text):
        found = [d for d in yaml.safe_load_all(rendered) if d]
        check_restricted(found)
        check_parts(found)
        check_settings(found)
    images = {c["image"] for _, pod in pods(found) for c in containers(pod)}
    tap.equal(images, {"registry.example.org/palpate:0.1.0"}, "the site's image is everywhere")
    check_no_secret()
finally:
    shutil.rmtree(work)
tap.done()
