"""Compares requests with botocore's models of their services.

Reads a list of requests as JSON from standard input, as `tests/all/requests.rs` writes it, and prints the list of what is wrong with them and, for each, an answer
that has every member. A service is found by the name
that it signs with and the beginning of its host.
"""

import json
import re
import sys

from botocore.loaders import Loader


def models():
    """Every service's model, by the name that it signs with and what its host begins with; some services share both."""
    loader = Loader()
    found = {}
    for name in loader.list_available_services("service-2"):
        model = loader.load_service_model(name, "service-2")
        meta = model["metadata"]
        key = (meta.get("signingName", meta["endpointPrefix"]), meta["endpointPrefix"])
        found.setdefault(key, []).append(model)
    return found


def compared(request, candidates):
    """What is wrong with one request, against the models of its service, and an answer to it: by the nearest of those that share its host."""
    holding = [model for model in candidates if request["operation"] in model["operations"]]
    if not holding:
        return ["the service has no such operation"], None
    wrong, model = min(((faults_by(model, request), model) for model in holding), key=lambda found: len(found[0]))
    return wrong, answer(model, request["operation"])


def answer(model, operation):
    """An answer to the operation that has every member in its body."""
    shapes = model["shapes"]
    output = model["operations"][operation].get("output")
    shape = shapes[output["shape"]] if output else {"type": "structure", "members": {}}
    if "payload" in shape:
        return sample(shapes[shape["members"][shape["payload"]]["shape"]], shapes, ())
    inside = {key: member for key, member in shape["members"].items() if "location" not in member}
    return sample({"type": "structure", "members": inside}, shapes, ())


def sample(shape, shapes, within):
    """A value of a shape; a shape that holds itself ends."""
    kind = shape["type"]
    if kind == "structure":
        members = {member.get("locationName", key): member["shape"] for key, member in shape["members"].items()}
        return {key: sample(shapes[name], shapes, within + (name,)) for key, name in members.items() if name not in within}
    if kind == "list":
        name = shape["member"]["shape"]
        return [] if name in within else [sample(shapes[name], shapes, within + (name,))]
    if kind == "map":
        return {"x": sample(shapes[shape["value"]["shape"]], shapes, within)}
    plain = {"integer": 1, "long": 1, "float": 1.0, "double": 1.0, "boolean": True, "timestamp": 1}
    return plain.get(kind, shape.get("enum", ["x"])[0])


def faults_by(model, request):
    """What is wrong with one request, against one model."""
    meta, operation = model["metadata"], model["operations"][request["operation"]]
    wrong = []
    protocol = request["protocol"]
    if protocol == "rest-json":
        if "rest-json" not in meta.get("protocols", [meta["protocol"]]):
            wrong.append(f"the service speaks {meta['protocol']}")
    elif "query" in protocol:
        if meta["protocol"] not in ("query", "ec2") or meta["apiVersion"] != protocol["query"]:
            wrong.append(f"the service speaks {meta['protocol']} of {meta['apiVersion']}")
    else:
        if "json" not in meta.get("protocols", [meta["protocol"]]):
            wrong.append(f"the service speaks {meta['protocol']}")
        if (protocol["version"], protocol["target"]) != (meta.get("jsonVersion"), meta.get("targetPrefix")):
            wrong.append(f"the service is JSON {meta.get('jsonVersion')} of {meta.get('targetPrefix')}")
    shapes = model["shapes"]
    shape = shapes[operation["input"]["shape"]] if "input" in operation else {"members": {}}
    given = set()
    if protocol == "rest-json":
        wrong += rest(request, operation, shape, given)
    if request["body"] is not None:
        body = request["body"]
        payload = shape.get("payload")
        if payload and shapes[shape["members"][payload]["shape"]]["type"] == "structure":
            given.add(payload)
            wrong += members(body, shapes[shape["members"][payload]["shape"]], shapes, payload)
        else:
            inside = {k: m for k, m in shape["members"].items() if "location" not in m}
            wrong += members(body, {"members": inside, "required": []}, shapes, "body")
            given |= {key for key, member in inside.items() if member.get("locationName", key) in body}
    missing = [name for name in shape.get("required", []) if name not in given]
    if missing:
        wrong.append(f"it lacks {missing}")
    known = {error["shape"] for one in model["operations"].values() for error in one.get("errors", [])}
    codes = {shapes[name].get("error", {}).get("code", name) for name in known} | known
    odd = [code for code in request["errors"] if code not in codes]
    if odd:
        wrong.append(f"no operation of the service answers with {odd}")
    return wrong


def rest(request, operation, shape, given):
    """What is wrong with method, path and query. What they name is added to `given`."""
    http = operation["http"]
    wrong = []
    if request["method"] != http["method"]:
        wrong.append(f"its method is {http['method']}")
    path, _, query = http["requestUri"].partition("?")
    pattern = [part for part in path.split("/") if part]
    parts = request["path"]
    labels = {m.get("locationName", k): k for k, m in shape["members"].items() if m.get("location") == "uri"}
    if len(pattern) != len(parts):
        wrong.append(f"its path is {path}")
    for expected, part in zip(pattern, parts):
        label = re.fullmatch(r"\{(.+?)\+?\}", expected)
        if label:
            given.add(labels[label.group(1)])
        elif expected != part:
            wrong.append(f"its path is {path}")
    names = {m["locationName"]: k for k, m in shape["members"].items() if m.get("location") == "querystring"}
    fixed = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
    for name, value in request["query"]:
        if name in names:
            given.add(names[name])
        elif fixed.get(name) != value:
            wrong.append(f"its query has no `{name}`")
    asked = {name for name, _ in request["query"]}
    wrong += [f"its query lacks `{name}`" for name in fixed if name not in asked]
    return wrong


def members(value, shape, shapes, where):
    """What is wrong with a value of a shape, and with all in it."""
    kind = shape.get("type", "structure")
    if kind == "structure":
        if not isinstance(value, dict):
            return [f"`{where}` is a structure"]
        known = {m.get("locationName", k): m for k, m in shape["members"].items()}
        wrong = [f"`{where}` has no member `{key}`" for key in value if key not in known]
        required = {shape["members"][k].get("locationName", k) for k in shape.get("required", [])}
        wrong += [f"`{where}` lacks `{key}`" for key in required if key not in value]
        for key, inner in value.items():
            if key in known:
                wrong += members(inner, shapes[known[key]["shape"]], shapes, f"{where}.{key}")
        return wrong
    if kind == "list":
        if not isinstance(value, list):
            return [f"`{where}` is a list"]
        return [fault for one in value for fault in members(one, shapes[shape["member"]["shape"]], shapes, where)]
    if kind == "map":
        if not isinstance(value, dict):
            return [f"`{where}` is a map"]
        return [fault for one in value.values() for fault in members(one, shapes[shape["value"]["shape"]], shapes, where)]
    if kind == "string":
        if not isinstance(value, str):
            return [f"`{where}` is a text"]
        options = shape.get("enum")
        return [f"`{where}` is one of {options}"] if options and value not in options else []
    if kind == "boolean":
        return [] if isinstance(value, bool) else [f"`{where}` is true or false"]
    if kind in ("integer", "long", "float", "double"):
        return [] if isinstance(value, (int, float)) and not isinstance(value, bool) else [f"`{where}` is a number"]
    return []


def main():
    found = models()
    said, answers = [], []
    for request in json.load(sys.stdin):
        host = request["host"]
        # A whole address begins with what others are called by alone.
        host = host.removeprefix("https://").split(".")[0] if host.startswith("https://") else host
        candidates = found.get((request["signed_as"], host), [])
        unknown = (["botocore knows no service of this host and signing name"], None)
        wrong, one = compared(request, candidates) if candidates else unknown
        said += [f"{request['family']}: {request['operation']}: {fault}" for fault in wrong]
        answers.append(one)
    json.dump([said, answers], sys.stdout)


if __name__ == "__main__":
    main()
