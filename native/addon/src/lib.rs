//! The border to JavaScript: decode, one call into core, encode. Nothing is decided here.

pub mod version;
