use tokio::net::TcpListener;

use super::*;

/// What the check says of a server that answers with `answer`.
async fn check(answer: &'static str) -> Result<Answer, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 512];
        let length = stream.read(&mut request).await.unwrap();
        assert!(request[..length].starts_with(b"GET /readyz HTTP/1.1\r\n"));
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    ask(address).await
}

fn code(outcome: Result<Answer, Failure>) -> std::process::ExitCode {
    outcome.unwrap_err().code()
}

#[tokio::test]
async fn the_exit_code_tells_ready_from_unready_from_unreachable() {
    assert_eq!(check("HTTP/1.1 200 OK\r\n\r\n").await.unwrap().text, "ready");
    assert_eq!(code(check("HTTP/1.1 503 Service Unavailable\r\n\r\n").await), 1.into());
    assert_eq!(code(check("SSH-2.0-OpenSSH_9.2").await), 5.into());
    assert_eq!(code(check("").await), 5.into());
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(code(ask(free).await), 5.into());
}

#[test]
fn a_server_on_every_interface_is_called_on_the_loopback() {
    let check = |listen: &str, expected: &str| {
        assert_eq!(reachable(listen.parse().unwrap()), expected.parse().unwrap());
    };
    check("0.0.0.0:1", "127.0.0.1:1");
    check("[::]:1", "[::1]:1");
    check("10.0.0.1:1", "10.0.0.1:1");
}
