//! The EC2 settings of an account and region that moto lacks: a stand-in before it that keeps them by itself and passes
//! everything else on.
//!
//! What each call does to a setting and shows of it is one line of [`ROWS`]; the names are those of the wire (EC2 API
//! reference). A new setting is a few lines there.

use crate::Result;
use crate::http::{self, Message, Server};
use crate::proxy;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// What a call makes of a setting.
enum New {
    /// This value.
    To(&'static str),
    /// What the request says under this name; as it was where the request does not say.
    As(&'static str),
}

/// A call, the settings that it changes, and the elements of its answer that show one.
struct Row {
    action: &'static str,
    sets: &'static [(&'static str, New)],
    /// The element that the others stand in, if they do.
    within: Option<&'static str>,
    /// Element and setting.
    shows: &'static [(&'static str, &'static str)],
}

const SNAPSHOTS: &str = "snapshot-block-public-access";
const IMAGES: &str = "image-block-public-access";
const CONSOLE: &str = "serial-console-access";
const TOKENS: &str = "metadata-http-tokens";
const HOPS: &str = "metadata-hop-limit";
const ENDPOINT: &str = "metadata-http-endpoint";
const TAGS: &str = "metadata-tags";
const ENFORCED: &str = "metadata-http-tokens-enforced";
const EBS_KEY: &str = "ebs-default-key";
const DONE: &str = "done";

/// The settings of an account in which none was changed. What is not listed is shown by no element.
const FRESH: &[(&str, &str)] =
    &[(SNAPSHOTS, "unblocked"), (IMAGES, "unblocked"), (CONSOLE, "false"), (EBS_KEY, "alias/aws/ebs"), (DONE, "true")];

const fn shows(action: &'static str, shows: &'static [(&'static str, &'static str)]) -> Row {
    Row { action, sets: &[], within: None, shows }
}

const fn sets(
    action: &'static str,
    sets: &'static [(&'static str, New)],
    shows: &'static [(&'static str, &'static str)],
) -> Row {
    Row { action, sets, within: None, shows }
}

static ROWS: &[Row] = &[
    shows("GetSnapshotBlockPublicAccessState", &[("state", SNAPSHOTS)]),
    sets("EnableSnapshotBlockPublicAccess", &[(SNAPSHOTS, New::As("State"))], &[("state", SNAPSHOTS)]),
    sets("DisableSnapshotBlockPublicAccess", &[(SNAPSHOTS, New::To("unblocked"))], &[("state", SNAPSHOTS)]),
    shows("GetImageBlockPublicAccessState", &[("imageBlockPublicAccessState", IMAGES)]),
    sets(
        "EnableImageBlockPublicAccess",
        &[(IMAGES, New::As("ImageBlockPublicAccessState"))],
        &[("imageBlockPublicAccessState", IMAGES)],
    ),
    sets(
        "DisableImageBlockPublicAccess",
        &[(IMAGES, New::To("unblocked"))],
        &[("imageBlockPublicAccessState", IMAGES)],
    ),
    shows("GetSerialConsoleAccessStatus", &[("serialConsoleAccessEnabled", CONSOLE)]),
    sets("EnableSerialConsoleAccess", &[(CONSOLE, New::To("true"))], &[("serialConsoleAccessEnabled", CONSOLE)]),
    sets("DisableSerialConsoleAccess", &[(CONSOLE, New::To("false"))], &[("serialConsoleAccessEnabled", CONSOLE)]),
    Row {
        within: Some("accountLevel"),
        ..shows(
            "GetInstanceMetadataDefaults",
            &[
                ("httpTokens", TOKENS),
                ("httpPutResponseHopLimit", HOPS),
                ("httpEndpoint", ENDPOINT),
                ("instanceMetadataTags", TAGS),
                ("httpTokensEnforced", ENFORCED),
            ],
        )
    },
    sets(
        "ModifyInstanceMetadataDefaults",
        &[
            (TOKENS, New::As("HttpTokens")),
            (HOPS, New::As("HttpPutResponseHopLimit")),
            (ENDPOINT, New::As("HttpEndpoint")),
            (TAGS, New::As("InstanceMetadataTags")),
            (ENFORCED, New::As("HttpTokensEnforced")),
        ],
        &[("return", DONE)],
    ),
    // moto names the key of AWS by an ARN and cannot go back to it.
    shows("GetEbsDefaultKmsKeyId", &[("kmsKeyId", EBS_KEY)]),
    sets("ModifyEbsDefaultKmsKeyId", &[(EBS_KEY, New::As("KmsKeyId"))], &[("kmsKeyId", EBS_KEY)]),
    sets("ResetEbsDefaultKmsKeyId", &[(EBS_KEY, New::To("alias/aws/ebs"))], &[("kmsKeyId", EBS_KEY)]),
];

/// Words by which `ModifyInstanceMetadataDefaults` takes a default back.
const NO_PREFERENCE: [&str; 2] = ["no-preference", "-1"];

#[derive(Default)]
struct State {
    settings: BTreeMap<&'static str, String>,
    /// What reads still show, and how often.
    old: BTreeMap<&'static str, (usize, String)>,
    /// How many reads after a change show the setting as it was.
    lag: BTreeMap<&'static str, usize>,
    /// Access keys that may not do everything, and what they may.
    held: BTreeMap<String, BTreeSet<String>>,
}

/// See the module.
pub struct Standin {
    server: Server,
    state: Arc<Mutex<State>>,
}

impl Standin {
    /// One with fresh settings on a free port of loopback, before `upstream` (`host:port`).
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(upstream: &str) -> Result<Self> {
        let settings = FRESH.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let state = Arc::new(Mutex::new(State { settings, ..State::default() }));
        let (upstream, shared) = (upstream.to_owned(), Arc::clone(&state));
        let server = Server::start(move |client| {
            let (upstream, state) = (upstream.clone(), Arc::clone(&shared));
            async move { serve(client, &upstream, &state).await }
        })
        .await?;
        Ok(Self { server, state })
    }

    /// `127.0.0.1:port`
    #[must_use]
    pub fn address(&self) -> &str {
        self.server.address()
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// What stands now, whatever reads show: one line a setting, such as `serial-console-access false`.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let state = lock(&self.state);
        let settings = state.settings.iter().filter(|(name, _)| **name != DONE);
        settings.map(|(name, value)| format!("{name} {value}")).collect()
    }

    /// From now on `reads` reads after a change show the setting as it was: some settings take minutes.
    ///
    /// # Errors
    /// When there is no such setting.
    pub fn lag(&self, setting: &str, reads: usize) -> Result<()> {
        let settings = ROWS.iter().flat_map(|row| row.shows).map(|(_, setting)| *setting);
        let known = settings.into_iter().find(|known| *known == setting);
        lock(&self.state).lag.insert(known.ok_or_else(|| format!("no setting is called `{setting}`"))?, reads);
        Ok(())
    }

    /// From now on this access key may do these IAM actions here and no other. moto does not see these calls, so its own
    /// enforcement does not hold them.
    pub fn hold(&self, key: &str, actions: impl IntoIterator<Item = String>) {
        lock(&self.state).held.insert(key.to_owned(), actions.into_iter().collect());
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(client: TcpStream, upstream: &str, state: &Mutex<State>) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut client = BufReader::new(client);
    let mut server: Option<BufReader<TcpStream>> = None;
    while let Some(request) = http::read(&mut client).await? {
        let action = request.action().unwrap_or_default();
        let own = ROWS.iter().find(|row| row.action == action);
        let answer = match own {
            Some(row) => lock(state).answer(row, &request),
            None => proxy::pass(&mut server, upstream, &request).await?,
        };
        client.write_all(&answer.bytes()).await?;
    }
    Ok(())
}

impl State {
    fn answer(&mut self, row: &Row, request: &Message) -> Message {
        let key = request.access_key().unwrap_or_default();
        if self.held.get(&key).is_some_and(|may| !may.contains(&format!("ec2:{}", row.action))) {
            return refused(403, "UnauthorizedOperation", "You are not authorized to perform this operation.");
        }
        for (setting, new) in row.sets {
            let value = match new {
                New::To(value) => Some((*value).to_owned()),
                New::As(parameter) => request.parameter(parameter),
            };
            if let Some(value) = value {
                self.set(setting, value);
            }
        }
        let is_read = row.sets.is_empty();
        let elements: String =
            row.shows.iter().filter_map(|(name, setting)| self.element(name, setting, is_read)).collect();
        let (open, close) = row.within.map(|name| (format!("<{name}>"), format!("</{name}>"))).unwrap_or_default();
        let action = row.action;
        let body = format!(
            "<{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>made-up</requestId>\
             {open}{elements}{close}</{action}Response>"
        );
        Message::answer(200, "text/xml;charset=UTF-8", &body)
    }

    fn set(&mut self, setting: &'static str, value: String) {
        let before = self.settings.remove(setting);
        if let (Some(reads), Some(before)) = (self.lag.get(setting), before.filter(|before| *before != value)) {
            self.old.insert(setting, (*reads, before));
        }
        if !NO_PREFERENCE.contains(&value.as_str()) {
            self.settings.insert(setting, value);
        }
    }

    /// What an answer shows of a setting: a read may show the old one for a while.
    fn element(&mut self, name: &str, setting: &str, is_read: bool) -> Option<String> {
        let old = self.old.get_mut(setting).filter(|(left, _)| is_read && *left > 0);
        let value = match old {
            Some((left, before)) => {
                *left -= 1;
                before.clone()
            }
            None => self.settings.get(setting)?.clone(),
        };
        Some(format!("<{name}>{value}</{name}>"))
    }
}

fn refused(status: u16, code: &str, message: &str) -> Message {
    let body = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
         <RequestID>made-up</RequestID></Response>"
    );
    Message::answer(status, "text/xml;charset=UTF-8", &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn call(standin: &Standin, body: &str) -> String {
        let mut request = Message::request("POST", "/");
        let credential = "AWS4-HMAC-SHA256 Credential=AKIAHELD/20260302/us-east-1/ec2/aws4_request, Signature=0";
        request.headers.push(format!("authorization: {credential}"));
        request.body = body.as_bytes().to_vec();
        let answer = http::ask(standin.address(), &request).await.unwrap();
        format!("{} {}", answer.status().unwrap(), String::from_utf8(answer.body).unwrap())
    }

    /// No principal is behind it.
    async fn alone() -> Standin {
        Standin::start("127.0.0.1:9").await.unwrap()
    }

    #[tokio::test]
    async fn a_setting_is_what_the_last_call_made_it() {
        let standin = alone().await;
        let read = "Action=GetSnapshotBlockPublicAccessState&Version=2016-11-15";
        assert!(call(&standin, read).await.contains("<state>unblocked</state>"));
        let set = "Action=EnableSnapshotBlockPublicAccess&Version=2016-11-15&State=block-new-sharing";
        assert!(call(&standin, set).await.contains("<state>block-new-sharing</state>"));
        assert!(call(&standin, read).await.contains("<state>block-new-sharing</state>"));
        call(&standin, "Action=DisableSnapshotBlockPublicAccess&Version=2016-11-15").await;
        assert!(call(&standin, read).await.contains("<state>unblocked</state>"));
    }

    #[tokio::test]
    async fn a_default_that_was_taken_back_is_not_shown() {
        let standin = alone().await;
        let read = "Action=GetInstanceMetadataDefaults&Version=2016-11-15";
        assert!(call(&standin, read).await.contains("<accountLevel></accountLevel>"));
        let set = "Action=ModifyInstanceMetadataDefaults&HttpTokens=required&HttpPutResponseHopLimit=2";
        assert!(call(&standin, set).await.contains("<return>true</return>"));
        let shown = call(&standin, read).await;
        assert!(shown.contains("<httpTokens>required</httpTokens><httpPutResponseHopLimit>2<"), "{shown}");
        call(&standin, "Action=ModifyInstanceMetadataDefaults&HttpTokens=no-preference").await;
        let shown = call(&standin, read).await;
        assert!(!shown.contains("httpTokens") && shown.contains("httpPutResponseHopLimit"), "{shown}");
    }

    #[tokio::test]
    async fn a_setting_that_lags_shows_what_it_was() {
        let standin = alone().await;
        standin.lag(IMAGES, 1).unwrap();
        call(&standin, "Action=EnableImageBlockPublicAccess&ImageBlockPublicAccessState=block-new-sharing").await;
        let read = "Action=GetImageBlockPublicAccessState";
        assert!(call(&standin, read).await.contains(">unblocked<"));
        assert!(call(&standin, read).await.contains(">block-new-sharing<"));
        assert!(standin.lag("no-such-setting", 1).is_err());
    }

    #[tokio::test]
    async fn a_held_key_does_what_it_may_and_no_more() {
        let standin = alone().await;
        standin.hold("AKIAHELD", ["ec2:GetSerialConsoleAccessStatus".to_owned()]);
        assert!(call(&standin, "Action=EnableSerialConsoleAccess").await.starts_with("403 "));
        assert!(call(&standin, "Action=GetSerialConsoleAccessStatus").await.contains(">false<"));
    }
}
