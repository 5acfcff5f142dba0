"""Resource policies of services that moto does not have: as much of each as its guardrails call.

A row says how a service carries a document: by which calls, under which member, whose policy it is, which revision it is written under. What a call answers is written down from
the API references; that calls are the services' own is held by `models.py`. The resources themselves are not made: a policy may be put on any.
"""

import json
import re
import uuid
from urllib.parse import parse_qs


class Row:
    """A policy of one kind of resource: its calls, and how they name things.

    `whose` names what stands in the path (a group of its pattern), the query or the body; `document` and `revision` are the members of what is asked and of what
    is answered, the latter inside `wrap` where the service has such a member.
    """

    def __init__(self, service, whose, document, get, put, delete, revision=(), missing="ResourceNotFoundException",
                 changed="PreconditionFailedException", wrap=None):
        self.service, self.whose, self.get, self.put, self.delete = service, whose, get, put, delete
        self.document, self.shown = document if isinstance(document, tuple) else (document, document)
        self.asked, self.revision = revision[:-1], revision[-1] if revision else None
        self.missing, self.changed, self.wrap = missing, changed, wrap


def rest(method, pattern):
    """A call by its method and path."""
    return lambda asked: found.groupdict() if asked["method"] == method and (found := re.fullmatch(pattern, asked["path"])) else None


def named(operation):
    """A call by its name."""
    return lambda asked: {} if asked["target"] == operation else None


def by_path(service, pattern, whose, document, **more):
    """A policy at a path of its own, which is read, written and deleted there."""
    return Row(service, whose, document, rest("GET", pattern), rest("PUT", pattern), rest("DELETE", pattern), **more)


ROWS = [
    by_path("lambda", r"/2026-07-09/resource-policy/(?P<arn>.+)", ["arn"], "Policy", revision=("RevisionId", "RevisionId")),
    by_path("backup", r"/backup-vaults/(?P<vault>[^/]+)/access-policy", ["vault"], "Policy"),
    by_path("glacier", r"/-/vaults/(?P<vault>[^/]+)/access-policy", ["vault"], "Policy"),
    by_path("elasticfilesystem", r"/2015-02-01/file-systems/(?P<id>[^/]+)/policy", ["id"], "Policy", missing="PolicyNotFound"),
    by_path("codeartifact", r"/v1/domain/permissions/policy", ["domain"], ("policyDocument", "document"), wrap="policy",
            revision=("policyRevision", "policy-revision", "revision"), changed="ConflictException"),
    Row("codeartifact", ["domain", "repository"], ("policyDocument", "document"), rest("GET", "/v1/repository/permissions/policy"),
        rest("PUT", "/v1/repository/permissions/policy"), rest("DELETE", "/v1/repository/permissions/policies"), wrap="policy",
        revision=("policyRevision", "policy-revision", "revision"), changed="ConflictException"),
    by_path("s3tables", r"/buckets/(?P<bucket>.+)/policy", ["bucket"], "resourcePolicy", missing="NotFoundException"),
    by_path("s3tables", r"/tables/(?P<bucket>.+)/(?P<namespace>[^/]+)/(?P<name>[^/]+)/policy", ["bucket", "namespace", "name"],
            "resourcePolicy", missing="NotFoundException"),
    Row("s3vectors", ["vectorBucketArn"], "policy", rest("POST", "/GetVectorBucketPolicy"), rest("POST", "/PutVectorBucketPolicy"),
        rest("POST", "/DeleteVectorBucketPolicy"), missing="NotFoundException"),
    Row("ecr-public", ["repositoryName"], "policyText", named("GetRepositoryPolicy"), named("SetRepositoryPolicy"),
        named("DeleteRepositoryPolicy"), missing="RepositoryPolicyNotFoundException"),
    Row("kinesis", ["ResourceARN"], "Policy", named("GetResourcePolicy"), named("PutResourcePolicy"), named("DeleteResourcePolicy")),
    Row("glue", [], "PolicyInJson", named("GetResourcePolicy"), named("PutResourcePolicy"), named("DeleteResourcePolicy"),
        revision=("PolicyHashCondition", "PolicyHash"), missing="EntityNotFoundException", changed="ConditionCheckFailureException"),
    Row("cloudtrail", ["ResourceArn"], "ResourcePolicy", named("GetResourcePolicy"), named("PutResourcePolicy"), named("DeleteResourcePolicy"),
        missing="ResourcePolicyNotFoundException"),
    Row("dsql", ["id"], "policy", rest("GET", r"/cluster/(?P<id>[^/]+)/policy"), rest("POST", r"/cluster/(?P<id>[^/]+)/policy"),
        rest("DELETE", r"/cluster/(?P<id>[^/]+)/policy"), revision=("expectedPolicyVersion", "expected-policy-version", "policyVersion"),
        changed="ConflictException"),
    Row("bedrock", ["resourceArn"], "resourcePolicy", rest("GET", r"/resource-policy/(?P<resourceArn>.+)"), rest("POST", "/resource-policy"),
        rest("DELETE", r"/resource-policy/(?P<resourceArn>.+)")),
    by_path("bedrock-agentcore", r"/resourcepolicy/(?P<arn>.+)", ["arn"], "policy"),
    by_path("s3files", r"/file-systems/(?P<id>[^/]+)/policy", ["id"], "policy"),
]


class Policies:
    """In front of moto: answers the calls of the rows, and hands over all others."""

    def __init__(self, moto):
        self.moto, self.held = moto, {}

    def __getattr__(self, name):
        return getattr(self.moto, name)

    def __call__(self, environ, start):
        if environ["PATH_INFO"] == "/moto-api/reset":
            self.held.clear()
        signed = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        if not signed or all(row.service != signed.group(1) for row in ROWS):
            return self.moto(environ, start)
        target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        asked = {"method": environ["REQUEST_METHOD"], "path": environ["PATH_INFO"], "target": target}
        for row in (row for row in ROWS if row.service == signed.group(1)):
            for kind in ("get", "put", "delete"):
                call = getattr(row, kind)
                found = call(asked)
                if found is not None:
                    return self.answer(row, kind, found, environ, start)
        return self.moto(environ, start)

    def answer(self, row, kind, path, environ, start):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        given = {**path, **query, **(json.loads(body) if body else {})}
        whose = (ROWS.index(row), *(given[name] for name in row.whose))
        stands = self.held.get(whose)
        revision = next((given[name] for name in row.asked if name in given), None)
        if kind != "put" and not stands:
            return refused(start, 404, row.missing, "There is no policy.")
        if revision and revision != (stands or (None, None))[1]:
            return refused(start, 412, row.changed, "The revision is not the latest.")
        if kind == "put":
            self.held[whose] = stands = (given[row.document], str(uuid.uuid4()))
        if kind == "delete":
            del self.held[whose]
        shown = {row.shown: stands[0], **({row.revision: stands[1]} if row.revision else {})}
        return said(start, 200, {row.wrap: shown} if row.wrap else shown)


def refused(start, status, code, message):
    return said(start, status, {"message": message}, [("x-amzn-errortype", code)])


def said(start, status, body, headers=()):
    text = json.dumps(body).encode()
    start(f"{status} Made Up", [("content-type", "application/json"), ("x-amzn-requestid", str(uuid.uuid4())), *headers])
    return [text]


