//! What the commands share: the caller, the clients, the ledger.

use crate::failure::{CommandResult, Failure};
use crate::terminal::Safe;
use shared::aws::accounts::Accounts;
use shared::aws::dynamodb::Table;
use shared::aws::kms::Keys;
use shared::aws::service::Clients;
use shared::aws::store::Store;
use shared::aws::sts::{Caller, caller};
use shared::engine::pipeline::Rules;
use shared::operations::operate::Operator;
use shared::resources::services;
use std::io::{IsTerminal, Write};

pub(super) use shared::aws::config;

/// Runs a command to its end on this thread.
pub(super) fn block_on(command: impl Future<Output = CommandResult>) -> CommandResult {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::with("cannot start", error))?;
    // Boxed: an SDK's futures nest deep.
    runtime.block_on(Box::pin(command))
}

/// Who runs the command.
pub(super) async fn who(config: &aws_config::SdkConfig) -> Result<Caller, Failure> {
    caller(config).await.map_err(|why| {
        Failure::new(Safe(&format!("cannot determine the owner of these credentials: {why}")).to_string())
    })
}

/// The ledger's name: given, or the functions' own variable.
pub(super) fn table_name(given: Option<&String>) -> Result<String, Failure> {
    let variable = || std::env::var("PARAPET_LEDGER_TABLE").ok().filter(|name| !name.is_empty());
    given.cloned().or_else(variable).ok_or_else(|| {
        Failure::new(
            "which ledger? Name the table with `--table` or `PARAPET_LEDGER_TABLE`: the resource `Ledger` of the stack \
             (`aws cloudformation describe-stack-resource --stack-name parapet --logical-resource-id Ledger`)",
        )
    })
}

/// The ledger, with the keys that its items are signed with where the variables name them.
pub(super) fn ledger(config: &aws_config::SdkConfig, name: &str) -> Table {
    Table::new(config, name).sealed_with(Keys::of(config, |name| std::env::var(name).ok()))
}

/// Everything that operating on a ledger needs.
pub(super) async fn operator(table: Option<&String>) -> Result<(Operator, Caller), Failure> {
    let name = table_name(table)?;
    let config = config().await;
    let caller = who(&config).await?;
    let table = ledger(&config, &name);
    let accounts = Accounts::new(config, Some(caller.account.clone()), member_role(), "parapet-command");
    let clients = Clients { accounts, store: Store::Table(table.clone()) };
    Ok((Operator { services: services(), clients, table, rules: Rules::default() }, caller))
}

/// `PARAPET_ROLE_NAME`, as for the functions: for findings in other accounts.
fn member_role() -> Option<String> {
    std::env::var("PARAPET_ROLE_NAME").ok().filter(|name| !name.is_empty())
}

/// Asks for a yes. Without a terminal, `--yes` has to have been said.
pub(super) fn confirm(question: &str, yes: bool) -> Result<bool, Failure> {
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(format!("{question} There is no terminal to answer on: pass `--yes` to do it")));
    }
    let mut err = anstream::stderr().lock();
    write!(err, "{question} [y/N] ")?;
    err.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| Failure::with("cannot read the answer", error))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// A failure whose text may come from an account.
pub(super) fn failure(error: impl ToString) -> Failure {
    Failure::new(Safe(&error.to_string()).to_string())
}
