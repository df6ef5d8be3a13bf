//! `sceau account`: the people of the cabinet.

use std::io;
use std::process::ExitCode;

use sceau_cabinet::{EmailAddress, EnregistrementStep, SocieteId};

use super::ask::ask;
use super::reach::Reach;
use crate::admin::protocol::{CabinetRequest, Who};

/// The people of the cabinet: every collaborator, expert-comptable or not, has his own account.
#[derive(Debug, clap::Args)]
pub(crate) struct AccountArgs {
    #[command(subcommand)]
    command: AccountCommand,
    #[command(flatten)]
    reach: Reach,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum AccountCommand {
    /// Open an account; délégations that wait for its address are bound to it
    Add {
        /// The e-mail address.
        #[arg(long)]
        email: EmailAddress,
        /// First and last name.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        roles: RoleArgs,
    },
    /// List all accounts
    List,
    /// Disable an account: it may do nothing until it is enabled again
    Disable {
        /// E-mail address or identifier.
        who: Who,
    },
    /// Enable a disabled account again
    Enable {
        /// E-mail address or identifier.
        who: Who,
    },
    /// Give a person these roles, in place of all that he had
    Roles {
        /// E-mail address or identifier.
        who: Who,
        #[command(flatten)]
        roles: RoleArgs,
    },
    /// Change the name or the address of a person
    Details {
        /// E-mail address or identifier.
        who: Who,
        /// The new name.
        #[arg(long)]
        name: Option<String>,
        /// The new address.
        #[arg(long, required_unless_present = "name")]
        email: Option<EmailAddress>,
    },
    /// Forget the name and address of a person whose account is disabled, or who has none (RGPD)
    ///
    /// What he did stays on record under his identifier. By address, what dossiers were told of him as a
    /// signatory is forgotten too; by the identifier of a dossier's signatory, that alone.
    Erase {
        /// E-mail address or identifier.
        who: Who,
    },
    /// Record a step of a person's enregistrement, which the right to sign needs
    Step {
        /// E-mail address or identifier.
        who: Who,
        /// data, identity, certificate, subscription, cgu or rgpd.
        #[arg(value_parser = step)]
        step: EnregistrementStep,
        /// The version of what was accepted, or the reference of what was checked or issued.
        #[arg(long, required_unless_present = "withdraw")]
        version: Option<String>,
        /// The step counts no more.
        #[arg(long, conflicts_with = "version")]
        withdraw: bool,
    },
}

#[derive(Debug, clap::Args)]
struct RoleArgs {
    /// May administer accounts, sociétés and délégations; gives no right to sign or seal.
    #[arg(long)]
    admin: bool,
    /// Is an expert-comptable of this société; may be repeated.
    #[arg(long, value_delimiter = ',', value_name = "CODE")]
    expert_comptable: Vec<SocieteId>,
}

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn run(args: AccountArgs) -> io::Result<ExitCode> {
    ask(&args.reach, request(args.command), args.json)
}

fn request(command: AccountCommand) -> CabinetRequest {
    use AccountCommand as C;
    use CabinetRequest as Q;
    match command {
        C::Add { email, name, roles: RoleArgs { admin, expert_comptable } } => {
            let expert_comptable = expert_comptable.into_iter().collect();
            Q::AccountAdd { email, name, admin, expert_comptable }
        }
        C::List => Q::AccountList,
        C::Disable { who } => Q::AccountDisable { who },
        C::Enable { who } => Q::AccountEnable { who },
        C::Roles { who, roles: RoleArgs { admin, expert_comptable } } => {
            Q::AccountRoles { who, admin, expert_comptable: expert_comptable.into_iter().collect() }
        }
        C::Details { who, name, email } => Q::AccountDetails { who, name, email },
        C::Erase { who } => Q::AccountErase { who },
        C::Step { who, step, version, withdraw: _ } => Q::AccountStep { who, step, version },
    }
}

fn step(text: &str) -> Result<EnregistrementStep, String> {
    let expected = || EnregistrementStep::ALL.map(EnregistrementStep::word).join(", ");
    text.parse().map_err(|_| format!("one of {} is expected", expected()))
}
