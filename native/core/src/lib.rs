//! Everything native that decides something: the index, exact ranking, statistics. No napi: this crate links under `cargo test`.

pub mod error;
