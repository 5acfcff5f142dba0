"""Resource policies of services that moto does not have: as much of each as its guardrails call.

A row says how a service carries a document: by which calls, under which member, whose policy it is, which revision it is written under. What a call answers is written down from
the API references; that calls are the services' own is held by `models.py`. The resources themselves are not made: a policy may be put on any.
"""

import json
import re
import uuid
from urllib.parse import parse_qs


class Row:
    """A policy of one kind of resource. `whose` names what stands in the path (a group of its pattern), the query or the body."""

    def __init__(self, service, whose, document, get, put, delete=None, revision=None, missing="ResourceNotFoundException", wrap=None):
        self.service, self.whose, self.document, self.revision = service, whose, document, revision
        self.get, self.put, self.delete, self.missing, self.wrap = get, put, delete, missing, wrap


def rest(method, pattern):
    """A call by its method and path."""
    return lambda asked: asked["method"] == method and re.fullmatch(pattern, asked["path"])


def named(operation):
    """A call by its name."""
    return lambda asked: re.fullmatch(r"(?P<name>.*)", "") if asked["target"] == operation else None


FUNCTION = r"/2026-07-09/resource-policy/(?P<ResourceArn>.+)"
ROWS = [
    Row("lambda", ["ResourceArn"], "Policy", rest("GET", FUNCTION), rest("PUT", FUNCTION), rest("DELETE", FUNCTION), "RevisionId"),
]


class Policies:
    """In front of moto: answers the calls of the rows, and hands over all others."""

    def __init__(self, moto):
        self.moto, self.held = moto, {}

    def __getattr__(self, name):
        return getattr(self.moto, name)

    def __call__(self, environ, start):
        signed = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        if not signed or all(row.service != signed.group(1) for row in ROWS):
            return self.moto(environ, start)
        target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        asked = {"method": environ["REQUEST_METHOD"], "path": environ["PATH_INFO"], "target": target}
        for row in (row for row in ROWS if row.service == signed.group(1)):
            for kind in ("get", "put", "delete"):
                call = getattr(row, kind)
                found = call and call(asked)
                if found:
                    return self.answer(row, kind, found.groupdict(), environ, start)
        return self.moto(environ, start)

    def answer(self, row, kind, path, environ, start):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) if kind != "get" or not path else b""
        query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        given = {**path, **query, **(json.loads(body) if body else {})}
        whose = (row.service, row.document, *(given.get(name) for name in row.whose))
        stands = self.held.get(whose)
        asked = given.get(row.revision) if row.revision else None
        if kind != "put" and not stands:
            return refused(start, 404, row.missing, "There is no policy.")
        if asked and stands and asked != stands[1]:
            return refused(start, 412, "PreconditionFailedException", "The revision is not the latest.")
        if kind == "put":
            self.held[whose] = stands = (given[row.document], str(uuid.uuid4()))
        if kind == "delete":
            del self.held[whose]
        shown = {row.document: stands[0], **({row.revision: stands[1]} if row.revision else {})}
        return said(start, 200, {row.wrap: shown} if row.wrap else shown)


def refused(start, status, code, message):
    return said(start, status, {"message": message}, [("x-amzn-errortype", code)])


def said(start, status, body, headers=()):
    text = json.dumps(body).encode()
    start(f"{status} Made Up", [("content-type", "application/json"), ("x-amzn-requestid", str(uuid.uuid4())), *headers])
    return [text]


