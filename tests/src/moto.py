"""The local AWS: one process that has read what moto needs, and for each moto a fork of it, which is there at once.

Each line on standard input is an order: `start` is answered by the port and the process of a new moto, `stop PROCESS` ends one.
All of them end with standard input, however the one that asked has ended.
"""

import copy
import gc
import io
import logging
import os
import signal
import socket
import sys
import threading

from moto.awslambda.responses import LambdaResponse
from moto.core.responses import EmptyResult
from moto.ec2.models.instances import InstanceBackend
from moto.emr.responses import ElasticMapReduceResponse
from moto.events.models import EventBus, EventBusPolicyStatement
from moto.s3.responses import S3Response
from moto.iam import access_control
from moto.iam.access_control import IAMPolicyStatement, IAMRequestBase, IAMUserAccessKey, PermissionResult
from moto.iam.models import IAMBackend
from moto.moto_api._internal import mock_random
from moto.sns.models import Topic
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
from werkzeug.test import Client

logging.getLogger("werkzeug").setLevel(logging.ERROR)

# Signatures are not checked: moto signs a form that it has decoded and encoded again, with `+` for the spaces that the SDK
# sends as `%20`. What a role may do is checked all the same, once IAM is enforced.
IAMRequestBase.check_signature = lambda self: None


def modify(self, instance_id, http_tokens=None, hop_limit=None, http_endpoint=None, dry_run=False, http_protocol=None,
           metadata_tags=None):
    """What is not named stays as it is ("ModifyInstanceMetadataOptions", EC2 API reference). moto would set it back to what a
    launch begins with."""
    options = self.get_instance(instance_id).metadata_options
    named = {"http_tokens": http_tokens, "http_put_response_hop_limit": hop_limit, "http_endpoint": http_endpoint,
             "http_protocol_ipv6": http_protocol, "instance_metadata_tags": metadata_tags}
    vars(options).update({name: value for name, value in named.items() if value is not None})
    return options


InstanceBackend.modify_instance_metadata_options = modify


# The `Policy` of `PutPermission` is the whole policy of the bus, as Terraform's `aws_cloudwatch_event_bus_policy` relies on: moto would keep
# statements that it leaves out.
def replace_policy(self, policy):
    statements = [EventBusPolicyStatement.from_dict(statement) for statement in policy["Statement"]]
    self._statements = {statement.sid: statement for statement in statements}


EventBus.add_policy = replace_policy


# moto names the element of the answer after the call.
def get_bucket_versioning(self):
    status = self.backend.get_bucket_versioning(self.bucket_name)
    inside = f"<Status>{status}</Status>" if status else ""
    name = "VersioningConfiguration"
    return 200, {}, f'<{name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{inside}</{name}>'


S3Response.get_bucket_versioning = get_bucket_versioning


# moto takes every value of a query for a list, and this one for a text.
def remove_layer_version_permission(self):
    layer, version = self._get_param("LayerName"), self._get_param("VersionNumber")
    statement = self.path.split("/")[-1].split("?")[0]
    self.backend.remove_layer_version_permission(layer, version, statement, self.querystring.get("RevisionId", [""])[0])
    return 204, {"status": 204}, "{}"


LambdaResponse.remove_layer_version_permission = remove_layer_version_permission


# moto switches the block on, whatever is asked.
def put_block_public_access_configuration(self):
    asked = self._get_params().get("BlockPublicAccessConfiguration") or {}
    self.backend.put_block_public_access_configuration(
        block_public_security_group_rules=asked.get("BlockPublicSecurityGroupRules"),
        rule_ranges=asked.get("PermittedPublicSecurityGroupRuleRanges"))
    return EmptyResult()


ElasticMapReduceResponse.put_block_public_access_configuration = put_block_public_access_configuration



def confirmed(self):
    """moto counts no subscription as confirmed. It sends to all of them."""
    return sum(one.topic is self for one in self.sns_backend.subscriptions.values())


Topic.subscriptions_confimed = property(confirmed, lambda self, count: None)

serve_request = DomainDispatcherApplication.__call__


def served(self, environ, start):
    """moto shows what it holds while another request changes it: an answer that failed on that is made again."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    for _ in range(100):
        environ["wsgi.input"] = io.BytesIO(body)
        try:
            return serve_request(self, dict(environ), start)
        except RuntimeError as error:
            if "changed size during iteration" not in str(error):
                raise
    raise RuntimeError("what is shown changes all the time")


DomainDispatcherApplication.__call__ = served

known = IAMUserAccessKey.__init__


def active(self, account_id, partition, access_key_id, headers):
    """A key that is inactive opens nothing."""
    known(self, account_id, partition, access_key_id, headers)
    keys = self.backend.get_user(self._owner_user_name).access_keys
    if any(key.access_key_id == access_key_id and key.status == "Inactive" for key in keys):
        raise access_control.CreateAccessKeyFailure(reason="InvalidId")


IAMUserAccessKey.__init__ = active

permitted = IAMPolicyStatement.is_action_permitted


def concerned(self, *asked, **named):
    """A condition on what only sessions carry does not hold for a request by access key: no test makes one by a session that
    such a policy is about."""
    keys = {key for block in self._statement.get("Condition", {}).values() for key in block}
    if keys & {"aws:TokenIssueTime", "aws:MultiFactorAuthPresent"}:
        return PermissionResult.NEUTRAL
    return permitted(self, *asked, **named)


IAMPolicyStatement.is_action_permitted = concerned

read = IAMBackend._init_aws_policies
policies = {}


def managed(self):
    """The 1,300 policies that AWS manages, read once: moto would read them for each account and partition and after each reset."""
    if self.partition not in policies:
        policies[self.partition] = read(self) if self.partition == "aws" else []
    own = [copy.copy(policy) for policy in policies[self.partition]]
    for policy in own:
        policy.account_id = self.account_id
    return own


IAMBackend._init_aws_policies = managed

# Set after moto was imported, it leaves its 44 older images. The 1,257 newer ones would be read for each account and after each reset.
os.environ["MOTO_AMIS_PATH"] = "none"

app = DomainDispatcherApplication(create_backend_app)
app.debug = True
# `Policies` is policies.py's, which stands before this.
app = Settings(Policies(app))


def prepare():
    """Has moto read what it reads when a service is first called."""
    key = "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLEEXAMPLE00/20260302/us-east-1/{}/aws4_request, Signature=0"
    forms = {
        "ec2": ("DescribeVpcs", "2016-11-15"), "iam": ("ListUsers", "2010-05-08"), "sns": ("ListTopics", "2010-03-31"),
        "sts": ("GetCallerIdentity", "2011-06-15"), "rds": ("DescribeDBInstances", "2014-10-31"),
        "elasticloadbalancing": ("DescribeLoadBalancers", "2015-12-01"),
    }
    targets = {"sqs": "AmazonSQS.ListQueues", "dynamodb": "DynamoDB_20120810.ListTables"}
    client = Client(app)
    for service, (action, version) in forms.items():
        headers = {"Authorization": key.format(service)}
        answer = client.post("/", headers=headers, data={"Action": action, "Version": version})
        assert answer.status_code == 200, answer.data
    for service, target in targets.items():
        headers = {"Authorization": key.format(service), "X-Amz-Target": target}
        answer = client.post("/", headers=headers, content_type="application/x-amz-json-1.0", data="{}")
        assert answer.status_code == 200, answer.data
    client.post("/moto-api/reset")
    # What was read is no garbage: no moto looks through it.
    gc.collect()
    gc.freeze()


def serve(listener, ended):
    """A moto, in a process of its own."""
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(0, 1)
    os.dup2(0, 2)
    # Ids are no other moto's.
    mock_random.seed()
    threading.Thread(target=lambda: (os.read(ended, 1), os._exit(0)), daemon=True).start()
    port = listener.getsockname()[1]
    server = make_server("127.0.0.1", port, app, True, request_handler=MotoRequestHandler, fd=listener.fileno())
    server.serve_forever()


prepare()
# Nothing is written to it: it ends with this process.
ended, end = os.pipe()
while order := sys.stdin.readline().split():
    match order:
        case ["start"]:
            with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
                process = os.fork()
                if process == 0:
                    os.close(end)
                    serve(listener, ended)
                print(listener.getsockname()[1], process, flush=True)
        case ["stop", process]:
            os.kill(int(process), signal.SIGKILL)
            os.waitpid(int(process), 0)
