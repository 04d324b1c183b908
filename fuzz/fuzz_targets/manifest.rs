#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dateline_fuzz::with_caught_panics(
    dateline_fuzz::manifest::check,
    bytes
));
