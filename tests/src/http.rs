//! As much of HTTP/1.1 as a proxy on loopback needs: one message at a time, its body whole.

use std::io;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request or an answer.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// The first line, without its end.
    pub start: String,
    /// The header lines, without their ends.
    pub headers: Vec<String>,
    /// The body, chunks put together.
    pub body: Vec<u8>,
}

/// What asks for a setting in a request to S3, and what IAM calls it ("Actions, resources, and condition keys for Amazon S3").
const SETTINGS_OF_S3: &[(&str, &str)] = &[
    ("/configuration/publicAccessBlock", "AccountPublicAccessBlock"),
    ("acl", "BucketAcl"),
    ("encryption", "EncryptionConfiguration"),
    ("lifecycle", "LifecycleConfiguration"),
    ("logging", "BucketLogging"),
    ("object-lock", "BucketObjectLockConfiguration"),
    ("ownershipControls", "BucketOwnershipControls"),
    ("policy", "BucketPolicy"),
    ("publicAccessBlock", "BucketPublicAccessBlock"),
    ("replication", "ReplicationConfiguration"),
    ("versioning", "BucketVersioning"),
    ("website", "BucketWebsite"),
];

/// Those that a permission of their own deletes.
const DELETED_OF_S3: &[&str] = &["BucketPolicy", "BucketWebsite"];

impl Message {
    /// An answer with a body of XML or JSON.
    #[must_use]
    pub fn answer(status: u16, content_type: &str, body: &str) -> Self {
        Self {
            start: format!("HTTP/1.1 {status} Made Up"),
            headers: vec![format!("content-type: {content_type}"), "x-amzn-requestid: made-up".to_owned()],
            body: body.as_bytes().to_vec(),
        }
    }

    /// A request without a body.
    #[must_use]
    pub fn request(method: &str, path: &str) -> Self {
        Self {
            start: format!("{method} {path} HTTP/1.1"),
            headers: vec!["host: localhost".to_owned()],
            body: Vec::new(),
        }
    }

    /// The value of a header, if it is there.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The status of an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.start.split(' ').nth(1)?.parse().ok()
    }

    /// The path of a request.
    #[must_use]
    pub fn path(&self) -> &str {
        self.start.split(' ').nth(1).unwrap_or_default()
    }

    /// The AWS action that a request asks for: the query protocol's `Action`, or the last word of `X-Amz-Target`; of a call by method and path what
    /// the library's own client says of it, or what IAM calls it where it is one of S3 on a setting.
    #[must_use]
    pub fn action(&self) -> Option<String> {
        let form = || {
            let body = std::str::from_utf8(&self.body).ok()?;
            body.split('&').find_map(|pair| pair.strip_prefix("Action=")).map(str::to_owned)
        };
        let target = || self.header("x-amz-target")?.rsplit('.').next().map(str::to_owned);
        let said = || self.header("user-agent")?.split(" op/").nth(1).map(str::to_owned);
        form().or_else(target).or_else(said).or_else(|| self.of_s3())
    }

    fn of_s3(&self) -> Option<String> {
        let (path, query) = self.path().split_once('?').unwrap_or((self.path(), ""));
        if query.contains("x-id=ListBuckets") {
            return Some("ListAllMyBuckets".to_owned());
        }
        // An access point is named in the path.
        if path.contains("/accesspoint/") {
            return match (self.start.split(' ').next()?, path.ends_with("/policy")) {
                ("GET", true) => Some("GetAccessPointPolicy".to_owned()),
                ("PUT", true) => Some("PutAccessPointPolicy".to_owned()),
                ("DELETE", true) => Some("DeleteAccessPointPolicy".to_owned()),
                ("GET", false) => Some("GetAccessPoint".to_owned()),
                ("PUT", false) => Some("CreateAccessPoint".to_owned()),
                _ => None,
            };
        }
        let asked = query.split('&').next().and_then(|pair| pair.split('=').next()).filter(|name| !name.is_empty());
        let (_, setting) = match asked {
            Some(asked) => SETTINGS_OF_S3.iter().find(|(name, _)| *name == asked),
            None => SETTINGS_OF_S3.iter().find(|(name, _)| path.ends_with(name)),
        }?;
        let verb = match self.start.split(' ').next()? {
            "GET" => "Get",
            // IAM has one permission for writing most settings, in whatever way.
            "DELETE" if DELETED_OF_S3.contains(setting) => "Delete",
            "PUT" | "DELETE" => "Put",
            _ => return None,
        };
        Some(format!("{verb}{setting}"))
    }

    /// A parameter of the query protocol.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        let body = std::str::from_utf8(&self.body).ok()?;
        let mut pairs = body.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(key, value)| (key == name).then(|| decoded(value)))
    }

    /// The id of the access key that signed a request.
    #[must_use]
    pub fn access_key(&self) -> Option<String> {
        let (_, credential) = self.header("authorization")?.split_once("Credential=")?;
        credential.split('/').next().map(str::to_owned)
    }

    /// The service that a request is signed for.
    #[must_use]
    pub fn service(&self) -> Option<String> {
        let (_, credential) = self.header("authorization")?.split_once("Credential=")?;
        credential.split('/').nth(3).map(str::to_owned)
    }

    /// The message as bytes, with the length that its body has.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = format!("{}\r\n", self.start);
        for line in self.headers.iter().filter(|line| !is_framing(line)) {
            out += line;
            out += "\r\n";
        }
        out += &format!("content-length: {}\r\n\r\n", self.body.len());
        let mut out = out.into_bytes();
        out.extend_from_slice(&self.body);
        out
    }
}

/// `%3A` and the like as what they stand for; what is no code stays.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        rest = if code.is_some() { after.get(2..).unwrap_or_default() } else { after };
        bytes.push(code.unwrap_or(*first));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_framing(line: &str) -> bool {
    let name = line.split(':').next().unwrap_or_default();
    ["content-length", "transfer-encoding", "connection"].iter().any(|framing| name.eq_ignore_ascii_case(framing))
}

/// Reads one message; none at the end of the stream.
///
/// # Errors
/// What the stream says, or a message that is no HTTP.
pub async fn read(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Message>> {
    let mut message = Message::default();
    let Some(start) = line(stream).await? else { return Ok(None) };
    message.start = start;
    while let Some(header) = line(stream).await?.filter(|header| !header.is_empty()) {
        message.headers.push(header);
    }
    let is_chunked = message.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
    if is_chunked {
        loop {
            let size = line(stream).await?.unwrap_or_default();
            let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)
                .map_err(|_| io::Error::other("a chunk without a size"))?;
            let mut chunk = vec![0; size];
            stream.read_exact(&mut chunk).await?;
            message.body.extend(chunk);
            line(stream).await?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = message.header("content-length").and_then(|value| value.parse().ok()) {
        message.body = vec![0; length];
        stream.read_exact(&mut message.body).await?;
    } else if message.start.starts_with("HTTP/") && message.header("connection").is_some_and(|value| value == "close") {
        stream.read_to_end(&mut message.body).await?;
    }
    Ok(Some(message))
}

async fn line(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<String>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(Some(line))
}

/// Sends one request to `address` and reads the answer.
///
/// # Errors
/// When there is no answer.
pub async fn ask(address: &str, request: &Message) -> io::Result<Message> {
    use tokio::io::AsyncWriteExt;
    let mut stream = tokio::io::BufReader::new(tokio::net::TcpStream::connect(address).await?);
    stream.get_mut().set_nodelay(true)?;
    stream.write_all(&request.bytes()).await?;
    read(&mut stream).await?.ok_or_else(|| io::Error::other("the connection was closed without an answer"))
}

/// A server on a free port of loopback, until it is dropped.
pub(crate) struct Server {
    address: String,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// One that does this with each connection.
    ///
    /// # Errors
    /// When there is no port.
    pub(crate) async fn start<F>(each: impl Fn(TcpStream) -> F + Send + 'static) -> io::Result<Self>
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let served = each(client);
                // A client that goes away is no concern of the server's.
                tokio::spawn(async move { served.await.unwrap_or_default() });
            }
        });
        Ok(Self { address, task })
    }

    /// `127.0.0.1:port`
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// `http://127.0.0.1:port`
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}
