//! `scimd healthcheck`: asks the server on this machine whether it is ready, for containers that
//! have no other client inside.

#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Context;
use super::failure::Failure;
use super::output::Answer;

/// Supervisors ask every few seconds; an answer that takes longer is no answer.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn run(context: &Context) -> Result<Answer, Failure> {
    ask(reachable(context.config()?.listen)).await
}

async fn ask(address: SocketAddr) -> Result<Answer, Failure> {
    let answer = timeout(PATIENCE, ready(address)).await.unwrap_or_else(|_| {
        Err(io::Error::new(io::ErrorKind::TimedOut, format!("no answer in {PATIENCE:?}")))
    });
    let status = answer.map_err(|error| {
        Failure::unreachable(format!("cannot reach the server on {address}: {error}"))
    })?;
    match status {
        200 => Ok(Answer::data("ready", json!({ "ready": true }))),
        status => Err(Failure::failed(format!(
            "the server on {address} is not ready: /readyz answered {status}; its log says why"
        ))),
    }
}

/// Where to call a server that listens on `listen`.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// The HTTP status of `GET /readyz`.
async fn ready(address: SocketAddr) -> io::Result<u16> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    // `HTTP/1.1 200`
    let mut line = [0; 12];
    stream.read_exact(&mut line).await?;
    let status = std::str::from_utf8(&line).ok().and_then(|line| line.strip_prefix("HTTP/1.1 "));
    status.and_then(|status| status.parse().ok()).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidData, "what answers there does not speak HTTP")
    })
}
