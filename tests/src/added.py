"""Calls that moto lacks of services that it has, put into its own classes. What they answer is written down from the API references; what takes AWS minutes is done at once."""

from moto.cloudtrail.models import CloudTrailBackend, Trail
from moto.config.models import ConfigRecorder
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.eks.models import EKSBackend
from moto.iam.responses import IamResponse
from moto.organizations.models import FakePolicy, FakeRoot, OrganizationsBackend
from moto.rds.exceptions import ExportTaskAlreadyExistsError
from moto.rds.models import ExportTask, RDSBackend
from moto.rds.responses import RDSResponse
from moto.redshift.models import Snapshot as RedshiftSnapshot
from moto.redshift.responses import RedshiftResponse
from moto.s3control.responses import S3ControlResponse
from moto.ssm.responses import SimpleSystemManagerResponse


def database(self):
    """The cluster or the instance that an activity stream is of."""
    arn = self.params.get("ResourceArn")
    find = self.backend.describe_db_clusters if ":cluster:" in arn else self.backend.describe_db_instances
    return find(arn)[0]


def start_activity_stream(self):
    found = database(self)
    found.activity_stream_status = "started"
    found.activity_stream_mode = self.params.get("Mode")
    found.activity_stream_kms_key_id = self.params.get("KmsKeyId")
    found.activity_stream_engine_native_audit_fields_included = self.params.get("EngineNativeAuditFieldsIncluded", False)
    return ActionResult({"Status": "started", "Mode": found.activity_stream_mode, "KmsKeyId": found.activity_stream_kms_key_id})


def stop_activity_stream(self):
    found = database(self)
    found.activity_stream_status = "stopped"
    found.activity_stream_mode = found.activity_stream_kms_key_id = None
    return ActionResult({"Status": "stopped"})


RDSResponse.start_activity_stream = start_activity_stream
RDSResponse.stop_activity_stream = stop_activity_stream


def start_export_task(self, kwargs):
    """moto exports snapshots only, and each is complete at once: none could be cancelled."""
    name, source = kwargs["export_task_identifier"], kwargs["source_arn"]
    if name in self.export_tasks and self.export_tasks[name].status == "in_progress":
        raise ExportTaskAlreadyExistsError(name)
    find = {"cluster": self.describe_db_clusters, "cluster-snapshot": lambda name: self.describe_db_cluster_snapshots(None, name),
            "snapshot": lambda name: self.describe_db_snapshots(None, name)}
    kind, of = source.split(":")[5:]
    task = ExportTask(self, find[kind](of)[0], kwargs)
    task.status = "in_progress"
    self.export_tasks[name] = task
    return task


RDSBackend.start_export_task = start_export_task

RedshiftSnapshot.accounts_with_restore_access = property(
    lambda self: [{"AccountId": account} for account in sorted(vars(self).get("restorers", []))])


def snapshot_access(change):
    """Who may restore a manual snapshot."""
    def call(self):
        found = self.redshift_backend.snapshots[self._get_param("SnapshotIdentifier")]
        found.restorers = change(vars(found).get("restorers", []), self._get_param("AccountWithRestoreAccess"))
        return ActionResult({"Snapshot": found})
    return call


RedshiftResponse.authorize_snapshot_access = snapshot_access(lambda held, account: held + [account])
RedshiftResponse.revoke_snapshot_access = snapshot_access(lambda held, account: [one for one in held if one != account])


def topic_arn(self):
    """A trail names its topic by its name or its ARN."""
    name = self.sns_topic_name
    if not name or name.startswith("arn:"):
        return name
    return f"arn:{self.partition}:sns:{self.region_name}:{self.account_id}:{name}"


def put_event_selectors(self, event_selectors, advanced_event_selectors):
    """One kind takes the place of the other ("PutEventSelectors", CloudTrail API reference)."""
    self.event_selectors, self.advanced_event_selectors = event_selectors or [], advanced_event_selectors or []


def put_insight_selectors(self, insight_selectors):
    self.insight_selectors = insight_selectors


def get_insight_selectors(self):
    """A trail without insights is none that could be asked for them."""
    if not self.insight_selectors:
        raise JsonRESTError("InsightNotEnabledException", "Insights are not enabled on the trail.")
    return self.insight_selectors


def delete_trail(self, name):
    del self.trails[self.get_trail(name).trail_name]


made_trail = Trail.__init__


def new_trail(self, *asked, **named):
    """A new trail logs management events ("GetEventSelectors")."""
    made_trail(self, *asked, **named)
    self.event_selectors = [
        {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}]


Trail.topic_arn = property(topic_arn)
Trail.put_event_selectors = put_event_selectors
Trail.put_insight_selectors = put_insight_selectors
described_trail = Trail.description
Trail.description = lambda self, **named: {**described_trail(self, **named), "HasInsightSelectors": bool(self.insight_selectors)}
Trail.get_insight_selectors = get_insight_selectors
Trail.__init__ = new_trail
CloudTrailBackend.delete_trail = delete_trail

# What a recorder is, without what it does: that is another call's to answer ("DescribeConfigurationRecorders").
described_recorder = ConfigRecorder.to_dict
ConfigRecorder.to_dict = lambda self: {name: value for name, value in described_recorder(self).items() if name != "status"}

# moto lacks the newer types.
made_policy = FakePolicy.__init__
NEWER = ["BACKUP_POLICY", "DECLARATIVE_POLICY_EC2"]
for kinds in (FakePolicy.SUPPORTED_POLICY_TYPES, FakeRoot.SUPPORTED_POLICY_TYPES):
    kinds += [kind for kind in NEWER if kind not in kinds]


def new_policy(self, organization, **named):
    """Of a newer type, as one of an older one."""
    kind = named.get("Type", "")
    made_policy(self, organization, **{**named, "Type": "TAG_POLICY" if kind in NEWER else kind})
    if kind in NEWER:
        self.type, self._arn_format = kind, "arn:{0}:organizations::{1}:policy/{2}/" + kind.lower() + "/{3}"


FakePolicy.__init__ = new_policy
disabled_type = OrganizationsBackend.disable_policy_type


def disable_policy_type(self, **asked):
    """All policies of the type are detached from everything ("DisablePolicyType", AWS Organizations API reference)."""
    answer = disabled_type(self, **asked)
    for policy in self.policies:
        if policy.type == asked["PolicyType"]:
            for target in policy.attachments:
                target.attached_policies.remove(policy)
            policy.attachments = []
    return answer


OrganizationsBackend.disable_policy_type = disable_policy_type


def update_cluster_config(self, name, resources_vpc_config=None, logging=None, **others):
    """What is not named stays as it is ("UpdateClusterConfig", EKS API reference). moto would put what is named in the place of all."""
    cluster = self.clusters[name]
    cluster.resources_vpc_config = {**(cluster.resources_vpc_config or {}), **(resources_vpc_config or {})}
    on = {kind for one in (cluster.logging or {}).get("clusterLogging", []) if one["enabled"] for kind in one["types"]}
    for one in (logging or {}).get("clusterLogging", []):
        on = on | set(one["types"]) if one["enabled"] else on - set(one["types"])
    off = {"api", "audit", "authenticator", "controllerManager", "scheduler"} - on
    cluster.logging = {"clusterLogging": [{"types": sorted(on), "enabled": True}, {"types": sorted(off), "enabled": False}]}
    return cluster


EKSBackend.update_cluster_config = update_cluster_config


def root_features(change):
    """What of the root users of an organization is managed centrally: everything, until it is disabled."""
    def call(self):
        held = vars(self.backend).setdefault("root_features", ["RootCredentialsManagement", "RootSessions"])
        change(held)
        return ActionResult({"OrganizationId": "o-a1b2c3d4e5", "EnabledFeatures": sorted(set(held))})
    return call


for feature in ("RootCredentialsManagement", "RootSessions"):
    snake = "root_sessions" if feature == "RootSessions" else "root_credentials_management"
    enable = root_features(lambda held, feature=feature: held.append(feature))
    disable = root_features(lambda held, feature=feature: held.__setitem__(slice(None), [one for one in held if one != feature]))
    setattr(IamResponse, f"enable_organizations_{snake}", enable)
    setattr(IamResponse, f"disable_organizations_{snake}", disable)
IamResponse.list_organizations_features = root_features(lambda held: None)


def start_automation_execution(self):
    """One execution for each token ("StartAutomationExecution", Systems Manager API reference). No runbook does anything here."""
    held = vars(self.ssm_backend).setdefault("executions", {})
    asked = {name: self._get_param(name) for name in ("ClientToken", "DocumentName", "DocumentVersion", "Parameters")}
    execution = held.setdefault(asked["ClientToken"], {**asked, "AutomationExecutionId": f"{len(held):08}-0000-4000-8000-000000000000"})
    return ActionResult({"AutomationExecutionId": execution["AutomationExecutionId"]})


def describe_automation_executions(self):
    held = vars(self.ssm_backend).get("executions", {})
    shown = ("AutomationExecutionId", "DocumentName", "DocumentVersion")
    # The inputs of an execution are shown by GetAutomationExecution alone: here its outputs have them.
    of = lambda one: {**{name: one[name] for name in shown}, "Outputs": one["Parameters"], "AutomationExecutionStatus": "InProgress"}
    return ActionResult({"AutomationExecutionMetadataList": [of(one) for one in held.values()]})


SimpleSystemManagerResponse.start_automation_execution = start_automation_execution
SimpleSystemManagerResponse.describe_automation_executions = describe_automation_executions


serialized = S3ControlResponse.serialized


def result(self, answer):
    """S3 Control's answers are `...Result` ("CreateAccessPoint"): moto calls them `...Response`."""
    status, headers, body = serialized(self, answer)
    return status, headers, body.replace(f"{self._get_action()}Response", f"{self._get_action()}Result")


S3ControlResponse.serialized = result


