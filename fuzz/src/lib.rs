//! What has to hold for hostile bytes, as ordinary functions: one a fuzz target, with what it promises beyond not to crash.
//!
//! `fuzz_targets/` hands them to the fuzzer, `tests/replay.rs` runs the seeds and what was found before over them. A broken
//! promise is a panic.

use std::backtrace::Backtrace;
use std::panic;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

pub mod date_parse;
pub mod decode_any;
pub mod decode_text;
pub mod decompress;
pub mod feed_xml;
pub mod html_extract;
pub mod id_and_facet;
pub mod jsonl_line;
pub mod manifest;
pub mod ops;
pub mod query_roundtrip;
pub mod query_string;
mod reading;
mod sample;
pub mod search_params;
pub mod segment_bytes;
pub mod snippet;
pub mod terminal_sanitize;

/// A check over bytes.
pub type Check = fn(&[u8]);

/// All targets by name.
pub const TARGETS: [(&str, Check); 16] = [
    ("query_string", query_string::check),
    ("query_roundtrip", query_roundtrip::check),
    ("jsonl_line", jsonl_line::check),
    ("feed_xml", feed_xml::check),
    ("html_extract", html_extract::check),
    ("decode_text", decode_text::check),
    ("decompress", decompress::check),
    ("date_parse", date_parse::check),
    ("id_and_facet", id_and_facet::check),
    ("terminal_sanitize", terminal_sanitize::check),
    ("snippet", snippet::check),
    ("segment_bytes", segment_bytes::check),
    ("manifest", manifest::check),
    ("search_params", search_params::check),
    ("ops", ops::check),
    ("decode_any", decode_any::check),
];

/// Runs a check over bytes of which dateline catches panics of the engine: those are no findings, unlike all that get through to
/// here. The fuzzer's own way of noticing takes every panic for one.
pub fn with_caught_panics(check: Check, bytes: &[u8]) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        panic::set_hook(Box::new(|info| *last() = format!("{info}\n{}", Backtrace::force_capture())));
    });
    if panic::catch_unwind(|| check(bytes)).is_err() {
        eprintln!("{}", last());
        std::process::abort();
    }
}

/// What the last panic said.
fn last() -> MutexGuard<'static, String> {
    static LAST: Mutex<String> = Mutex::new(String::new());
    LAST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 2026-01-01, the present of all targets.
pub const NOW: i64 = 1_767_225_600;

/// The bytes as text, with what is no UTF-8 replaced.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Processor time of this thread, in seconds: a busy machine makes nothing slow.
fn spent() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// Runs work that may take so many seconds of this thread in the program as it is shipped: the fuzzer's counters and the assertions
/// cost 3.5 times that (a company that is not in the list: 53 ms and 180), little optimisation more.
fn within<T>(seconds: f64, what: &str, work: impl FnOnce() -> T) -> T {
    let slow = if cfg!(feature = "fuzzer") { 4.0 } else { 10.0 };
    let started = spent();
    let result = work();
    let took = spent() - started;
    assert!(took < seconds * slow, "{what} took {took:.3} s");
    result
}
