//! The border to JavaScript: decode, one call into core, encode. Nothing is decided here.

pub mod ann_index;
pub mod error;
pub mod floor;
pub mod index_builder;
pub mod later_search;
pub mod moments;
pub mod panic_probe;
pub mod sequence_model;
pub mod sequence_training;
pub mod time_statistics;
pub mod version;
