//! The one integration test binary: the library and the program from outside.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise and say why it was skipped"
)]

mod analysis;
mod archives;
mod bombs;
mod damage;
mod feeds;
#[cfg(feature = "fetch")]
mod fetching;
#[cfg(feature = "watch")]
mod follow;
mod gold;
mod hostile;
mod ingest;
mod input;
mod judged;
mod killed;
mod languages;
mod layout;
mod listing;
mod locking;
mod measured;
mod packs;
mod pager;
mod pages;
mod program;
mod ranking;
mod readme;
mod related;
mod reloading;
mod repair;
mod sample;
mod support;
mod tables;
mod tags;
mod upkeep;
mod wire;
