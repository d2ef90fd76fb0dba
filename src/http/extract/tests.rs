use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::clock::Clock;
use crate::config::{Config, Sources};
use crate::domain::Origin;
use crate::domain::quickstart::{self, QuickStartToken};

/// A server that gives a request one second, and a token of it.
struct Server {
    address: std::net::SocketAddr,
    node: i64,
    token: String,
    _folder: tempfile::TempDir,
}

impl Server {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let env = vec![("SCIMD_REQUEST_TIMEOUT_SECONDS".to_owned(), "1".to_owned())];
        let sources = Sources { dir: folder.path().to_owned(), env, ..Sources::default() };
        let config = Config::load(&sources).unwrap();
        let service = Service::open(&config, Clock::system()).await.unwrap();
        let made = quickstart::run(&service, &Origin::system("r"), None).await.unwrap();
        let QuickStartToken::Created(token) = made.token else { panic!("a new database") };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = crate::http::app(service, &config);
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, node: made.node.id, token: token.text().to_owned(), _folder: folder }
    }

    /// What is answered to a request with these headers and no body.
    async fn answer(&self, method: &str, query: &str, headers: &str) -> String {
        let Self { node, token, .. } = self;
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head = format!(
            "{method} {SCIM_PATH}/{node}/Users{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             Authorization: Bearer {token}\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

/// L-04, L-08: numbers have no largest one.
#[tokio::test]
async fn integers_of_any_length_are_taken() {
    let server = Server::start().await;
    let (big, small) = ("99999999999999999999", "-99999999999999999999");
    for query in [
        format!("?startIndex={big}&count={big}"),
        format!("?startIndex={big}&filter=title%20pr&sortBy=title"),
        format!("?startIndex={small}&count={small}"),
    ] {
        let answer = server.answer("GET", &query, "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{query}: {answer}");
    }
    for text in ["1x", "", "-", "1.5", "99999999999999999999x"] {
        let answer = server.answer("GET", &format!("?count={text}"), "").await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{text}: {answer}");
        assert!(answer.contains("count must be an integer"), "{text}: {answer}");
    }
}

/// O-02
#[tokio::test]
async fn an_order_counts_only_with_something_to_order_by() {
    let server = Server::start().await;
    let answer = server.answer("GET", "?sortOrder=sideways", "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = server.answer("GET", "?sortOrder=sideways&sortBy=userName", "").await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("sideways"), "{answer}");
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_said_to_be_late() {
    let server = Server::start().await;
    let answer = server.answer("POST", "", "Content-Length: 10\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"status\":\"408\""), "{answer}");
    assert!(answer.contains("The body did not arrive within 0.5 seconds"), "{answer}");
}

#[test]
fn a_body_has_a_little_less_time_than_the_request() {
    let seconds = Duration::from_secs;
    assert_eq!(body_time(seconds(30)), seconds(29));
    assert_eq!(body_time(seconds(2)), seconds(1));
    assert_eq!(body_time(seconds(1)), Duration::from_millis(500));
}
