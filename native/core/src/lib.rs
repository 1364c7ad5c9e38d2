//! Everything native that decides something: the index, exact ranking, statistics. No napi: this crate links under `cargo test`.

pub mod ann_index;
pub mod error;
pub mod exact;
pub mod graph_file;
pub mod index_builder;
pub mod kernels;
pub mod limits;
pub mod parallel;
pub mod permits;
pub mod quantizer;
pub mod ranking;
pub mod time_statistics;
pub mod vectors_file;
pub mod walk;
