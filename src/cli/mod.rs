//! The command line: one subcommand per file. Each asks `domain` (or `http` to serve) and returns an
//! `output::Answer`; what goes to standard output and with which exit code is decided in one place.
//!
//! Data is written to standard output, messages to standard error. Secrets are printed only by the
//! command that makes them. No SQL here, no rule of Keeper.

mod completions;
mod config;
mod failure;
mod group;
mod healthcheck;
mod migrate;
mod node;
mod organization;
mod output;
mod quickstart;
mod serve;
mod time;
mod token;
mod user;
mod version;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, CommandFactory, Parser, Subcommand};
use serde_json::Value;

use crate::clock::Clock;
use crate::config::{Config, Sources};
use crate::domain::{self, Origin, Service};

use self::failure::Failure;
use self::output::Answer;

const EXAMPLES: &str = "\
Examples:
  scimd quickstart                                 database, node, token, and a running server
  scimd node add Engineering                       a node for an identity provider
  scimd token create Engineering --name \"Entra\"    its Tenant URL and Secret Token
  scimd user list --status locked

Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 conflict, 5 cannot reach database or server.";

/// SCIM 2.0 provisioning server with the behavior of Keeper Security's SCIM endpoint.
#[derive(Debug, Parser)]
#[command(name = "scimd", version, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
struct Global {
    /// Data folder: home of scimd.toml and of the SQLite file
    #[arg(long, global = true, value_name = "FOLDER", default_value = ".")]
    dir: PathBuf,
    /// Settings file [default: scimd.toml in the data folder]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Database: a path behind sqlite: or a postgres: URL [default: scimd.db in the data folder]
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Print JSON for programs
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a database, a node and a token, print what to paste into the identity provider, serve
    Quickstart(quickstart::Quickstart),
    /// Run the server
    Serve(serve::Serve),
    /// Bring the tables of the database up to date
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Show, check and explain the settings
    #[command(subcommand)]
    Config(config::Config),
    /// Ask the server on this machine whether it is ready
    Healthcheck,
    /// Seats and reserved domains
    #[command(subcommand)]
    Organization(organization::Organization),
    /// Nodes and the settings of their provisioning
    #[command(subcommand)]
    Node(node::Node),
    /// Provisioning tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Users
    #[command(subcommand)]
    User(user::User),
    /// Groups: teams, and roles where a role prefix is set
    #[command(subcommand)]
    Group(group::Group),
    /// Print a completion script for a shell
    Completions(completions::Completions),
    /// Print version and build
    Version,
}

/// Flags of the commands that serve.
#[derive(Debug, Args)]
struct Serving {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Address under which identity providers reach the server [default: http://<listen>]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// auto, check or off [default: auto on SQLite, check on Postgres]
    #[arg(long, value_name = "WHEN")]
    migrate: Option<String>,
}

/// Runs the command line of this process and returns its exit code.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.global.json;
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start: {error}")))
        .and_then(|runtime| runtime.block_on(run(cli)))
        .and_then(|answer| output::print(&answer, json));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::message(&format!("error: {failure}"));
            failure.code()
        }
    }
}

async fn run(cli: Cli) -> Result<Answer, Failure> {
    let context = Context::new(cli.global, &cli.command);
    match cli.command {
        Command::Quickstart(command) => command.run(&context).await,
        Command::Serve(command) => command.run(&context).await,
        Command::Migrate(command) => command.run(&context).await,
        Command::Config(command) => command.run(&context),
        Command::Healthcheck => healthcheck::run(&context).await,
        Command::Organization(command) => {
            context.at_desk(async |desk| command.run(desk).await).await
        }
        Command::Node(command) => context.at_desk(async |desk| command.run(desk).await).await,
        Command::Token(command) => context.at_desk(async |desk| command.run(desk).await).await,
        Command::User(command) => context.at_desk(async |desk| command.run(desk).await).await,
        Command::Group(command) => context.at_desk(async |desk| command.run(desk).await).await,
        Command::Completions(command) => Ok(command.run(Cli::command())),
        Command::Version => Ok(version::answer()),
    }
}

/// What every command starts from.
struct Context {
    sources: Sources,
    json: bool,
    /// Whether the command is one that begins a set-up, and so may make the SQLite file.
    begins: bool,
}

impl Context {
    fn new(global: Global, command: &Command) -> Self {
        let mut sources = Sources::from_process(match global.dir {
            dir if dir.as_os_str() == "." => PathBuf::new(),
            dir => dir,
        });
        sources.file = global.config;
        let quick = matches!(command, Command::Quickstart(_));
        let (serving, begins) = match command {
            Command::Quickstart(quickstart) => (Some(quickstart.serving()), true),
            Command::Serve(serve) => (Some(serve.serving()), true),
            Command::Migrate(migrate::Migrate::Run)
            | Command::Organization(organization::Organization::Set(_))
            | Command::Node(node::Node::Add(_)) => (None, true),
            _ => (None, false),
        };
        let of_serving = serving.map_or([None, None, None], |flags| {
            [&flags.listen, &flags.public_url, &flags.migrate].map(Clone::clone)
        });
        let [listen, public_url, migrate] = of_serving;
        let flags = [
            ("database_url", global.database_url),
            ("listen", listen),
            ("public_url", public_url),
            // A quick start makes the tables, on Postgres too.
            ("migrate", migrate.or_else(|| quick.then(|| "auto".to_owned()))),
        ];
        let given = |(key, value): (&str, Option<String>)| Some((key.to_owned(), value?));
        sources.flags = flags.into_iter().filter_map(given).collect();
        Self { sources, json: global.json, begins }
    }

    fn config(&self) -> Result<Config, Failure> {
        Ok(Config::load(&self.sources)?)
    }

    /// Opens the database the server uses.
    async fn open(&self, config: Config) -> Result<Desk, Failure> {
        self.check_file(&config)?;
        let service = Service::open(&config, Clock::system()).await?;
        let user = self.sources.env.iter().find(|(key, _)| key == "USER");
        let name = user.map_or("command-line", |(_, name)| name);
        let origin = Origin::administrator(name, &service.clock().id().to_string());
        Ok(Desk { config, service, origin })
    }

    /// Runs a command on the open database, and closes it.
    async fn at_desk(
        &self,
        command: impl AsyncFnOnce(&Desk) -> Result<Answer, Failure>,
    ) -> Result<Answer, Failure> {
        let desk = self.open(self.config()?).await?;
        let answer = command(&desk).await;
        desk.service.close().await;
        answer
    }

    /// A mistyped folder must not become an empty database that answers as if all were lost.
    fn check_file(&self, config: &Config) -> Result<(), Failure> {
        let Some(file) = config.sqlite_file().filter(|file| !file.exists()) else {
            return Ok(());
        };
        if !self.begins {
            return Err(Failure::unreachable(format!(
                "there is no database {}; name another with --dir or --database-url, or make one \
                 with `scimd quickstart`",
                file.display()
            )));
        }
        let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
            return Ok(());
        };
        std::fs::create_dir_all(folder).map_err(|error| {
            Failure::unreachable(format!("cannot make the folder {}: {error}", folder.display()))
        })
    }
}

/// Where administrators' commands are carried out: settings, use cases, and who asks.
struct Desk {
    config: Config,
    service: Arc<Service>,
    origin: Origin,
}

/// Does something to each of `names`, in order. Stops at the first refusal and says what was done
/// before it.
async fn each<T>(
    names: &[String],
    act: impl AsyncFn(&str) -> Result<T, domain::Error>,
    line: impl Fn(&T) -> String,
    to_json: impl Fn(&T) -> Value,
) -> Result<Answer, Failure> {
    let (mut lines, mut done) = (Vec::new(), Vec::new());
    for name in names {
        match act(name).await {
            Ok(subject) => {
                lines.push(line(&subject));
                done.push(to_json(&subject));
            }
            Err(error) => {
                for line in &lines {
                    output::message(line);
                }
                return Err(error.into());
            }
        }
    }
    Ok(Answer::done(lines.join("\n"), done.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_of_commands_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_flags_are_taken_behind_the_subcommand_too() {
        let cli = Cli::try_parse_from(["scimd", "token", "list", "--dir", "d", "--json"]).unwrap();
        assert!(cli.global.json && cli.global.dir.to_str() == Some("d"));
    }

    #[test]
    fn flags_become_settings_with_their_names() {
        let arguments = ["scimd", "serve", "--listen", "x", "--database-url", "y"];
        let cli = Cli::try_parse_from(arguments).unwrap();
        let context = Context::new(cli.global, &cli.command);
        let flags: Vec<_> = context.sources.flags.iter().map(|(k, v)| (&**k, &**v)).collect();
        assert_eq!(flags, [("database_url", "y"), ("listen", "x")]);
    }

    #[test]
    fn commands_that_change_nothing_make_no_database() {
        let dir = tempfile::tempdir().unwrap();
        let begin = |arguments: &[&str]| {
            let cli = Cli::try_parse_from(arguments).unwrap();
            let mut context = Context::new(cli.global, &cli.command);
            context.sources = Sources { dir: dir.path().join("new"), ..Sources::default() };
            context.check_file(&context.config().unwrap())
        };
        let failure = begin(&["scimd", "user", "list"]).unwrap_err().to_string();
        assert!(failure.contains("scimd quickstart"), "{failure}");
        assert!(!dir.path().join("new").exists());
        begin(&["scimd", "node", "add", "n"]).unwrap();
        assert!(dir.path().join("new").is_dir());
    }
}
