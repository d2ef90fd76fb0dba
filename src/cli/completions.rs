//! `scimd completions`: completion scripts for shells.

use clap::Args;
use clap_complete::Shell;

use super::output::Answer;

#[derive(Debug, Args)]
#[command(after_help = "Example: scimd completions bash > /etc/bash_completion.d/scimd")]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, mut command: clap::Command) -> Answer {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "scimd", &mut script);
        Answer::text(String::from_utf8_lossy(&script))
    }
}
