//! A local AWS that some tests share, and its administrator.

use crate::Result;
use crate::aws::Keys;
use crate::lab::Lab;
use crate::moto::Moto;
use futures_util::{StreamExt, stream};
use tokio::sync::OnceCell;

/// A moto that starts when the first test asks for it: one for each module of tests, as a `static`.
#[derive(Default)]
pub struct World {
    moto: OnceCell<Moto>,
    admin: OnceCell<Keys>,
}

/// Does this for each of them: some at the same time, each in a world of its own, where a sweep meets nothing that another left.
pub async fn in_worlds<T, F: Future<Output = ()>>(all: impl IntoIterator<Item = T>, each: impl Fn(T, World) -> F) {
    stream::iter(all).for_each_concurrent(AT_ONCE, |one| each(one, World::new())).await;
}

/// Enough to keep the processors busy beside other tests.
const AT_ONCE: usize = 3;

impl World {
    /// Nothing is started yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { moto: OnceCell::const_new(), admin: OnceCell::const_new() }
    }

    /// A lab under a name that no other test in this world has.
    ///
    /// # Errors
    /// When there is no moto.
    pub async fn lab(&self, name: &str) -> Result<Lab> {
        self.lab_of(name, &Keys::default()).await
    }

    /// The same for people with these keys.
    ///
    /// # Errors
    /// When there is no moto.
    pub async fn lab_of(&self, name: &str, keys: &Keys) -> Result<Lab> {
        Lab::on(self.moto().await?, name, keys).await
    }

    /// The moto that the tests in this world share.
    ///
    /// # Errors
    /// When there is none.
    pub async fn moto(&self) -> Result<&Moto> {
        self.moto.get_or_try_init(Moto::start).await
    }

    /// The account's administrator. From the first call on, IAM is enforced for everyone.
    ///
    /// # Errors
    /// When there is no moto.
    pub async fn admin(&self) -> Result<&Keys> {
        let make = || async {
            let lab = self.lab("setup").await?;
            let iam = &lab.clients.iam;
            iam.create_user().user_name("admin").send().await?;
            let all =
                r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
            iam.put_user_policy().user_name("admin").policy_name("all").policy_document(all).send().await?;
            let key = iam.create_access_key().user_name("admin").send().await?.access_key.ok_or("no key was made")?;
            self.moto().await?.enforce_iam(true).await?;
            Ok(Keys { id: key.access_key_id, secret: key.secret_access_key, token: None })
        };
        self.admin.get_or_try_init(make).await
    }
}
