//! The one integration test binary: the library and the program from outside.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise and say why it was skipped"
)]

mod analysis;
mod archives;
mod feeds;
#[cfg(feature = "fetch")]
mod fetching;
mod gold;
mod ingest;
mod judged;
mod layout;
mod listing;
mod measured;
mod pager;
mod program;
mod ranking;
mod readme;
mod related;
mod sample;
mod support;
mod tags;
mod wire;
