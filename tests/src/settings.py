"""Settings of services that moto does not have: as much of each as its guardrails call. What a call answers is written down from the API references; that calls are the
services' own is held by `models.py`.
"""

import json
import re

import botocore.session
import botocore.validate


def service_setting(held, asked):
    """Systems Manager: its own default until another value is set."""
    name = asked["SettingId"]
    held.update({name: asked["SettingValue"]} if "SettingValue" in asked else {})
    return {"ServiceSetting": {"SettingId": name, "SettingValue": held.get(name, "Enable")}}


def spend_limit(held, asked):
    """Text messages: AWS's limit until another one is set."""
    held.update({"limit": asked["MonthlyLimit"]} if "MonthlyLimit" in asked else {})
    limit = held.get("limit", 1)
    shown = {"Name": "TEXT_MESSAGE_MONTHLY_SPEND_LIMIT", "EnforcedLimit": limit, "MaxLimit": 5000, "Overridden": "limit" in held}
    return {"SpendLimits": [shown], "MonthlyLimit": limit}


def project_visibility(held, asked):
    """CodeBuild: a project is there once its visibility was set."""
    if arn := asked.get("projectArn"):
        held[arn.rpartition("/")[2]] = {"arn": arn, "name": arn.rpartition("/")[2], "projectVisibility": asked["projectVisibility"]}
    names = asked.get("names", list(held))
    return {"projects": [held[name] for name in names if name in held], "projectsNotFound": [name for name in names if name not in held]}


def locked(status):
    """Route 53 domains: the registry takes minutes to set the status; here it is there at once."""
    def call(held, asked):
        held[asked["DomainName"]] = status
        return {"OperationId": "00000000-0000-0000-0000-000000000001"}
    return call


def domain_detail(held, asked):
    """Route 53 domains: every name is registered, and locked until the lock is removed."""
    name = asked["DomainName"]
    return {"DomainName": name, "StatusList": [held.get(name, "clientTransferProhibited")]}


def region(status):
    """Regions of an account: AWS takes minutes to hours; here it is done at once."""
    def call(held, asked):
        held[asked["RegionName"]] = status
        return {}
    return call


def region_status(held, asked):
    """Regions of an account: those that it chooses are disabled until they are enabled."""
    name = asked["RegionName"]
    return {"RegionName": name, "RegionOptStatus": held.get(name, "DISABLED")}


def store(status=None):
    """CloudTrail Lake: every store is there, and takes in events until that is stopped."""
    def call(held, asked):
        name = asked["EventDataStore"]
        if status:
            held[name] = status
        return {"EventDataStoreArn": name, "Name": "all", "Status": held.get(name, "ENABLED")}
    return call


TRAIL = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."
CALLS = {
    TRAIL + "GetEventDataStore": store(),
    TRAIL + "DeleteEventDataStore": store("PENDING_DELETION"),
    TRAIL + "RestoreEventDataStore": store("ENABLED"),
    TRAIL + "StartEventDataStoreIngestion": store("ENABLED"),
    TRAIL + "StopEventDataStoreIngestion": store("STOPPED_INGESTION"),
    "AmazonSSM.GetServiceSetting": service_setting,
    "AmazonSSM.UpdateServiceSetting": service_setting,
    "PinpointSMSVoiceV2.DescribeSpendLimits": spend_limit,
    "PinpointSMSVoiceV2.SetTextMessageSpendLimitOverride": spend_limit,
    "CodeBuild_20161006.BatchGetProjects": project_visibility,
    "CodeBuild_20161006.UpdateProjectVisibility": project_visibility,
    "Route53Domains_v20140515.DisableDomainTransferLock": locked("ok"),
    "Route53Domains_v20140515.EnableDomainTransferLock": locked("clientTransferProhibited"),
    "Route53Domains_v20140515.GetDomainDetail": domain_detail,
}

def shares(change=None):
    """Resource shares: every share is there, and account 555566667777 alone is in the organization."""
    def call(held, asked):
        arn = asked.get("resourceShareArn") or (asked.get("resourceShareArns") or [""])[0]
        share = held.setdefault(arn, {"allowExternalPrincipals": False, "principals": []})
        if change:
            change(share, asked)
        listed = [{"associatedEntity": one, "associationType": "PRINCIPAL", "status": "ASSOCIATED", "external": one != "555566667777"}
                  for one in sorted(share["principals"])]
        shown = {"resourceShareArn": arn, "status": "ACTIVE", "allowExternalPrincipals": share["allowExternalPrincipals"]}
        return {"resourceShareAssociations": listed, "resourceShares": [shown], "resourceShare": shown}
    return call


def switched(share, asked):
    share["allowExternalPrincipals"] = asked["allowExternalPrincipals"]


def associated(share, asked):
    share["principals"] += asked["principals"]


def disassociated(share, asked):
    share["principals"] = [one for one in share["principals"] if one not in asked["principals"]]


# Calls by a path of their own.
PATHS = {
    "/associateresourceshare": shares(associated),
    "/disassociateresourceshare": shares(disassociated),
    "/getresourceshareassociations": shares(),
    "/getresourceshares": shares(),
    "/updateresourceshare": shares(switched),
    "/disableRegion": region("DISABLED"),
    "/enableRegion": region("ENABLED"),
    "/getRegionOptStatus": region_status,
}

# Security Hub: what is written back to a finding. A test reads it from a path that no service has.
FINDINGS = re.compile(r"/(findings/batchupdate|findingsv2/batchupdatev2|findings/import|test-only/findings)")


def imported(held, asked):
    """Takes what the service's model takes."""
    shape = botocore.session.get_session().get_service_model("securityhub").operation_model("BatchImportFindings").input_shape
    wrong = botocore.validate.ParamValidator().validate(asked, shape).generate_report()
    refused = [{"Id": one.get("Id", ""), "ErrorCode": "InvalidInput", "ErrorMessage": wrong} for one in asked["Findings"] if wrong]
    held.update({one["Id"]: one for one in asked["Findings"] if not wrong})
    return {"FailedCount": len(refused), "SuccessCount": len(asked["Findings"]) - len(refused), "FailedFindings": refused}


def findings(held, asked):
    """By the id of the finding: the last that was written, or the finding that was imported."""
    if "Findings" in asked:
        return imported(held, asked)
    ids = [one["Id"] for one in asked.get("FindingIdentifiers", [])] + asked.get("MetadataUids", [])
    held.update({name: asked for name in ids})
    return {"ProcessedFindings": asked.get("FindingIdentifiers", []), "UnprocessedFindings": []} if ids else held


# Which access policies a principal has in a cluster of EKS.
ACCESS = re.compile(r"/clusters/([^/]+)/access-entries/(.+)/access-policies(?:/(.+))?")


def access(held, asked, method, policy):
    """By the principal and the cluster: its policies with their scopes."""
    match method:
        case "POST":
            held[asked["policyArn"]] = {"policyArn": asked["policyArn"], "accessScope": asked["accessScope"]}
        case "DELETE":
            held.pop(policy, None)
    return {"associatedAccessPolicies": list(held.values())}


# The policies of an SES identity are read together, and written one by one.
IDENTITY = re.compile(r"/v2/email/identities/([^/]+)/policies(?:/([^/]+))?")


class Settings:
    """In front of moto: answers these calls, and hands over all others."""

    def __init__(self, moto):
        self.moto, self.held = moto, {}

    def __getattr__(self, name):
        return getattr(self.moto, name)

    def __call__(self, environ, start):
        if environ["PATH_INFO"] == "/moto-api/reset":
            self.held.clear()
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        call = CALLS.get(target) or PATHS.get(environ["PATH_INFO"])
        identity = IDENTITY.fullmatch(environ["PATH_INFO"])
        found = FINDINGS.fullmatch(environ["PATH_INFO"])
        entry = ACCESS.fullmatch(environ["PATH_INFO"])
        if not call and not identity and not found and not entry:
            return self.moto(environ, start)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        asked = json.loads(body) if body else {}
        if call:
            # What the calls of one service hold: of those by paths, what each thing holds has a name of its own.
            return said(start, 200, call(self.held.setdefault(target.partition(".")[0], {}), asked))
        if entry:
            return said(start, 200, access(self.held.setdefault(entry.group(1, 2), {}), asked, environ["REQUEST_METHOD"], entry.group(3)))
        if found:
            return said(start, 200, findings(self.held.setdefault(findings, {}), asked))
        policies = self.held.setdefault(identity.group(1), {})
        match environ["REQUEST_METHOD"]:
            case "GET":
                return said(start, 200, {"Policies": policies})
            case "DELETE":
                policies.pop(identity.group(2), None)
            case _:
                policies[identity.group(2)] = asked["Policy"]
        return said(start, 200, {})


