use std::net::TcpListener;
use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, run};

/// Nothing is printed and nothing made where the server could not start.
#[tokio::test]
async fn a_busy_address_is_found_out_first() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = busy.local_addr().unwrap().to_string();
    for command in ["serve", "quickstart"] {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().to_str().unwrap();
        let arguments = ["scimd", command, "--listen", &address, "--dir", folder];
        let cli = Cli::try_parse_from(arguments).unwrap();
        let failure = run(cli).await.map(|_| ()).unwrap_err();
        assert_eq!(failure.code(), ExitCode::from(4), "{failure}");
        assert!(failure.to_string().contains(&format!("{address} is in use")), "{failure}");
        assert!(dir.path().read_dir().unwrap().next().is_none(), "{command} made something");
    }
}
