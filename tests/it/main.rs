//! The one integration test binary: the library and the program from outside.

mod ingest;
mod layout;
mod measured;
mod program;
mod sample;
mod support;
mod tags;
