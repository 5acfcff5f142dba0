//! An AWS on loopback: moto's server, as `make venv` prepares it.

use crate::http::{Message, ask};
use crate::{Result, paths};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The account that moto plays, where the keys do not say another: its own default.
pub const ACCOUNT: &str = "123456789012";
/// The region that everything happens in: IAM's events arrive here as well.
pub const REGION: &str = "us-east-1";

/// A running moto. It ends with the process that holds it, however that ends: the server watches its standard input.
pub struct Moto {
    address: String,
    child: Child,
}

impl Drop for Moto {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What moto leaves out of IAM's enforcement and the stories of users need: a key that is inactive opens nothing, and a condition on
/// what only sessions carry does not hold for a request by access key (no test makes one by a session that such a policy
/// is about).
///
/// Signatures are not checked: moto signs a form that it has decoded and encoded again, with `+` for the spaces that the
/// SDK sends as `%20`. What a role may do is checked all the same, once [`Moto::enforce_iam`] says so.
///
/// What `ModifyInstanceMetadataOptions` does not name stays as it is ("ModifyInstanceMetadataOptions", EC2 API reference):
/// moto would set it back to what a launch begins with.
///
/// The `Policy` of `PutPermission` is the whole policy of the bus, as Terraform's `aws_cloudwatch_event_bus_policy` relies on: moto would
/// keep statements that it leaves out. Its `GetBucketVersioning` answers under another element's name.
const SERVER: &str = "
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from moto.iam import access_control
from moto.iam.access_control import IAMPolicyStatement, IAMRequestBase, IAMUserAccessKey, PermissionResult
from moto.server import main
IAMRequestBase.check_signature = lambda self: None
from moto.ec2.models.instances import InstanceBackend
def modify(self, instance_id, http_tokens=None, hop_limit=None, http_endpoint=None, dry_run=False, http_protocol=None,
           metadata_tags=None):
    options = self.get_instance(instance_id).metadata_options
    named = {'http_tokens': http_tokens, 'http_put_response_hop_limit': hop_limit, 'http_endpoint': http_endpoint,
             'http_protocol_ipv6': http_protocol, 'instance_metadata_tags': metadata_tags}
    vars(options).update({name: value for name, value in named.items() if value is not None})
    return options
InstanceBackend.modify_instance_metadata_options = modify
from moto.events.models import EventBus, EventBusPolicyStatement
def replace(self, policy):
    statements = [EventBusPolicyStatement.from_dict(statement) for statement in policy['Statement']]
    self._statements = {statement.sid: statement for statement in statements}
EventBus.add_policy = replace
from moto.s3.responses import S3Response
def versioning(self):
    status = self.backend.get_bucket_versioning(self.bucket_name)
    inside = f'<Status>{status}</Status>' if status else ''
    return 200, {}, f'<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{inside}</VersioningConfiguration>'
S3Response.get_bucket_versioning = versioning
known = IAMUserAccessKey.__init__
def active(self, account_id, partition, access_key_id, headers):
    known(self, account_id, partition, access_key_id, headers)
    keys = self.backend.get_user(self._owner_user_name).access_keys
    if any(key.access_key_id == access_key_id and key.status == 'Inactive' for key in keys):
        raise access_control.CreateAccessKeyFailure(reason='InvalidId')
IAMUserAccessKey.__init__ = active
permitted = IAMPolicyStatement.is_action_permitted
def concerned(self, *asked, **named):
    keys = {key for block in self._statement.get('Condition', {}).values() for key in block}
    if keys & {'aws:TokenIssueTime', 'aws:MultiFactorAuthPresent'}:
        return PermissionResult.NEUTRAL
    return permitted(self, *asked, **named)
IAMPolicyStatement.is_action_permitted = concerned
main(['--host', '127.0.0.1', '--port', sys.argv[1]])
";

impl Moto {
    /// Starts one on a free port and waits until it answers.
    ///
    /// # Errors
    /// When there is none to start, or it does not come up.
    pub async fn start() -> Result<Self> {
        Self::with(true).await
    }

    /// One that does not know the policies that AWS manages, and forgets the faster for it.
    ///
    /// # Errors
    /// When there is none to start, or it does not come up.
    pub async fn without_policies_of_aws() -> Result<Self> {
        Self::with(false).await
    }

    async fn with(policies_of_aws: bool) -> Result<Self> {
        const PATIENCE: Duration = Duration::from_secs(60);
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let child = Command::new(python()?)
            .args(["-c", SERVER, &port.to_string()])
            .env("INITIAL_NO_AUTH_ACTION_COUNT", "1000000000")
            // Set, everything would happen in that account, for every caller.
            .env_remove("MOTO_ACCOUNT_ID")
            .env("MOTO_IAM_LOAD_MANAGED_POLICIES", policies_of_aws.to_string())
            .env_remove("AWS_ENDPOINT_URL")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut moto = Self { address, child };
        let start = Instant::now();
        loop {
            if ask(&moto.address, &Message::request("GET", "/moto-api/data.json")).await.is_ok() {
                return Ok(moto);
            }
            if let Some(status) = moto.child.try_wait()? {
                return Err(format!("moto ended with {status} before it answered").into());
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("moto did not answer within {} s", PATIENCE.as_secs()).into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// `127.0.0.1:port`
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// When moto does not answer.
    pub async fn reset(&self) -> Result<()> {
        let answer = ask(&self.address, &Message::request("POST", "/moto-api/reset")).await?;
        if answer.status() == Some(200) { Ok(()) } else { Err(format!("reset answered {}", answer.start).into()) }
    }

    /// From the next call on, IAM is enforced; or never again.
    ///
    /// # Errors
    /// When moto does not answer.
    pub async fn enforce_iam(&self, enforced: bool) -> Result<()> {
        let mut request = Message::request("POST", "/moto-api/reset-auth");
        request.body = if enforced { b"0".to_vec() } else { b"1000000000".to_vec() };
        let answer = ask(&self.address, &request).await?;
        if answer.status() == Some(200) { Ok(()) } else { Err(format!("reset-auth answered {}", answer.start).into()) }
    }
}

/// The Python that has moto: the virtual environment's, else the one beside `moto_server` on the path.
fn python() -> Result<PathBuf> {
    let local = paths::root().join(".venv/bin/moto_server");
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&on_path).map(|folder| folder.join("moto_server"));
    let beside = |server: &Path| {
        let names = ["python", "python3"].into_iter();
        names.map(|name| server.with_file_name(name)).find(|python| python.is_file())
    };
    let mut servers = std::iter::once(local).chain(on_path).filter(|server| server.is_file());
    servers.find_map(|server| beside(&server)).ok_or_else(|| {
        "moto, the local AWS, is not there: run `make venv`, which prepares it in .venv (or `pip install 'moto[server]'`)".into()
    })
}
