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
pub mod sequence_beam;
pub mod sequence_context;
pub mod sequence_forest;
pub mod sequence_format;
pub mod sequence_history;
pub mod sequence_impurity;
pub mod sequence_model;
pub mod sequence_node;
pub mod sequence_random;
pub mod sequence_split;
pub mod sequence_training;
pub mod sequence_tree;
pub mod time_statistics;
pub mod vectors_file;
pub mod walk;
