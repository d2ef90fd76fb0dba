//! Listening, and stopping without losing a request.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use tokio::signal::unix::{SignalKind, signal};

use super::{App, router};
use crate::config::Config;
use crate::domain::Service;

/// A client that has not sent the headers of its first request in this time is let go.
const FIRST_HEADER_TIME: Duration = Duration::from_secs(10);
/// A client that has not sent the headers of its next request in this time is let go. Longer than the
/// minute for which load balancers keep idle connections: the side that closes first must be theirs, or
/// a request is lost on a connection that is just being closed.
const HEADER_TIME: Duration = Duration::from_secs(75);
/// Load balancers get this long to notice that the server is not ready any more.
const UNREADY_TIME: Duration = Duration::from_millis(200);

/// Takes the address the server listens on, so that a busy one is found out before anything is made.
/// Clients can connect from now on, and wait until [`serve`] answers them.
///
/// # Errors
/// When the address cannot be listened on.
pub fn listen(config: &Config) -> io::Result<TcpListener> {
    TcpListener::bind(config.listen)
}

/// Serves on what [`listen`] gave until SIGTERM or SIGINT; then is unready, finishes what is under way within
/// `shutdown_seconds`, and closes the database. `listening` is told the address.
///
/// # Errors
/// When the signals or the listener cannot be used.
pub async fn serve(
    service: Arc<Service>,
    config: &Config,
    listener: TcpListener,
    listening: impl FnOnce(SocketAddr),
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let app = App::new(Arc::clone(&service), config);
    let router = router::router(&app);
    let handle = Handle::new();
    let grace = Duration::from_secs(config.shutdown_seconds);
    tokio::spawn(stop_on_signal(app, handle.clone(), grace)?);
    let mut server = axum_server::from_tcp(listener)?
        .handle(handle)
        .http1_only()
        .first_request_timeout(FIRST_HEADER_TIME);
    let mut http = server.http_builder().http1();
    http.timer(hyper_util::rt::TokioTimer::new());
    http.header_read_timeout(HEADER_TIME);
    // A little more than the limit, so that our own answer says what the limit is.
    http.max_buf_size((config.header_limit_bytes * 2).max(64 * 1024));
    listening(address);
    server.serve(router.into_make_service()).await?;
    service.close().await;
    Ok(())
}

/// Listens for the signals at once, and gives what waits for them.
fn stop_on_signal(
    app: App,
    handle: Handle<SocketAddr>,
    grace: Duration,
) -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing what is under way");
        app.drain();
        tokio::time::sleep(UNREADY_TIME).await;
        handle.graceful_shutdown(Some(grace));
    })
}
