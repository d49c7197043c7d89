"""The OpenAPI document as the tests use it: what it says of an answer, and whether all answers so far were like that."""
import copy
import hashlib
import itertools
import json
import os
import threading

import yaml
from jsonschema import Draft202012Validator

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
with open(os.path.join(ROOT, "api", "openapi.yaml")) as f:
    doc = json.loads(json.dumps(yaml.load(f, Loader=yaml.CSafeLoader), default=str))
# what any answer may have, whether it is said of each or once for all
ALWAYS = {"date", "content-length", "content-type", "connection", "content-encoding", "x-request-id"}


def resolve(node):
    while "$ref" in node:
        target = doc
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def closed(schema):
    """The schema with no room for members it does not describe: an answer may hold no others."""
    schema = copy.deepcopy(schema)

    def close(s):
        if isinstance(s, dict):
            if s.get("properties"):
                s.setdefault("additionalProperties", False)
            for v in s.values():
                close(v)
        elif isinstance(s, list):
            for v in s:
                close(v)
    close(schema)
    return schema


components = closed(doc["components"])
for name in ("OpenapiDocument", "OpenapiInfo"):  # only the head of the document is described
    components["schemas"][name] = doc["components"]["schemas"][name]
validators = {}


def faults_of(schema, value):
    key = json.dumps(schema, sort_keys=True)
    if key not in validators:
        validators[key] = Draft202012Validator({**closed(schema), "components": components})
    return [f"/{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validators[key].iter_errors(value)]


def faults_of_answer(response, fields, body, method="get"):
    """What is not as this response of the document says. Names of fields are in lower case."""
    response, wrong = resolve(response), []
    described = {k.lower() for k in response.get("headers", {})}
    wrong += [f"field {k} is not described" for k in fields if k not in described | ALWAYS]
    wrong += [f"field {k} is missing" for k, v in response.get("headers", {}).items()
              if k.lower() not in fields and resolve(v).get("required")]
    content = response.get("content", {})
    kind = fields.get("content-type", "").partition(";")[0]
    if method == "head":
        wrong += ["a body"] if body else []
    elif content and kind not in content:
        wrong.append(f"type {kind!r}")
    elif content and kind.endswith("json"):
        wrong += faults_of(content[kind]["schema"], json.loads(body))
    elif not content and body:
        wrong.append("a body")
    return wrong


# ---- every answer of every test ----------------------------------------------------------------------------------

def operation_of(method, path):
    """The one described, or any of the path, all of which say the same of what is wrong with method or path."""
    parts = path.split("/")
    for template, item in doc["paths"].items():
        wanted = template.split("/")
        if len(wanted) == len(parts) and all(w == p or (w == "{id}" and p) for w, p in zip(wanted, parts)):
            return item.get("get" if method == "head" else method) or next(iter(item.values()))
    return None


class Answers:
    """Holds each answer that is seen against the document; what was seen before is not looked at again."""

    def __init__(self):
        self.n, self.seen, self.wrong, self.lock = 0, set(), {}, threading.Lock()

    def see(self, method, target, status, fields, body):
        method, path = method.lower(), target.partition("?")[0]
        shown = (method, path, status, tuple(sorted(fields)), fields.get("content-type"), hashlib.sha256(body).digest())
        with self.lock:
            self.n += 1
            if shown in self.seen:
                return
            self.seen.add(shown)
            for fault in self.faults(method, path, status, fields, body):
                self.wrong.setdefault(f"{method.upper()} {path[:60]}: {status}: {fault}", body[:300])

    @staticmethod
    def faults(method, path, status, fields, body):
        if fields.get("content-type", "").startswith("text/html") and status in (400, 414, 431):
            return []  # not understood as HTTP at all: see Errors in the document
        if method == "options" and status == 204:
            return [] if fields.get("allow") and not body else ["OPTIONS says nothing"]
        operation = operation_of(method, path)
        if not operation:  # an unknown path
            response = {"$ref": "#/components/responses/NotFound"} if status == 404 else None
        else:
            response = operation["responses"].get(str(status))
        return faults_of_answer(response, fields, body, method) if response else ["this status is not described"]


answers = Answers()


def watched(connection, one_in=1):
    """The connection of http.client, each of whose answers, or one in so many, is seen when it is read."""
    request, getresponse, asked, count = connection.request, connection.getresponse, [], itertools.count()

    def ask(method, target, *args, **kwargs):
        asked[:] = method, target
        request(method, target, *args, **kwargs)

    def answer():
        response = getresponse()
        read = response.read

        def whole():
            body = read()
            if next(count) % one_in == 0:
                answers.see(*asked, response.status, {k.lower(): v for k, v in response.getheaders()}, body)
            return body
        response.read = whole
        return response
    connection.request, connection.getresponse = ask, answer
    return connection
