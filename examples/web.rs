//! Searching inside an async web handler. A search takes milliseconds of computing and no waiting, so it runs on the
//! threads for blocking work; a [`Searcher`] is cheap to clone and can be used from all of them at once.
//!
//! ```console
//! $ cargo run --example web
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use std::path::PathBuf;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use dateline::ingest::{IndexOptions, Indexer};
use dateline::search::{SearchRequest, SearchResults, Searcher};
use dateline::{Cancel, Index};

#[derive(serde::Deserialize)]
struct Asked {
    q: String,
}

async fn search(
    State(searcher): State<Searcher>,
    Query(asked): Query<Asked>,
) -> Result<Json<SearchResults>, (StatusCode, String)> {
    let query =
        asked.q.parse().map_err(|error: dateline::Error| (StatusCode::BAD_REQUEST, error.to_string()))?;
    let found = tokio::task::spawn_blocking(move || searcher.search(&SearchRequest::new(query))).await;
    match found {
        Ok(Ok(results)) => Ok(Json(results)),
        Ok(Err(error)) => Err((StatusCode::BAD_REQUEST, error.to_string())),
        Err(_) => Err((StatusCode::INTERNAL_SERVER_ERROR, "the search did not end".to_owned())),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let index = Index::in_memory();
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus"));
    Indexer::new(&index, IndexOptions::default())?.run(&[folder], &Cancel::new(), &mut |_| {})?;

    let app = Router::new().route("/search", get(search)).with_state(index.searcher()?);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move { axum::serve(listener, app).await });

    // One request from here, so that the example ends; a real server would wait for `server`.
    let answer = tokio::task::spawn_blocking(move || request(address, "/search?q=layoffs")).await??;
    println!("{}", &answer[..answer.len().min(300)]);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    server.abort();
    Ok(())
}

fn request(address: std::net::SocketAddr, path: &str) -> std::io::Result<String> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
