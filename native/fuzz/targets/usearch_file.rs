//! Any bytes as an index file of usearch: refused, or everything that it gives out holds.
#![no_main]

#[path = "../../core/tests/common/touch.rs"]
#[allow(dead_code, reason = "the other target uses the other half")]
mod touch;

use libfuzzer_sys::fuzz_target;
use routewright_core::usearch_file::UsearchFile;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(file) = UsearchFile::parse(bytes) {
        touch::touch_file(&file).expect("an accepted file keeps its promises");
    }
});
