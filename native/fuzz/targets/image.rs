//! Any bytes as a serving image: refused, or everything that it gives out holds and it can be walked. Once as they are, once with right checksums,
//! which chance would never find.
#![no_main]

#[path = "../../core/tests/common/reseal.rs"]
mod reseal;
#[path = "../../core/tests/common/searches.rs"]
#[allow(dead_code, reason = "vectors belong to the mutation test")]
mod searches;
#[path = "../../core/tests/common/touch.rs"]
#[allow(dead_code, reason = "the other target uses the other half")]
mod touch;

use libfuzzer_sys::fuzz_target;
use routewright_core::image::ServingImage;

fuzz_target!(|bytes: &[u8]| {
    let mut sealed = bytes.to_vec();
    reseal::reseal(&mut sealed);
    for bytes in [bytes.to_vec(), sealed] {
        if let Ok(image) = ServingImage::from_bytes(bytes) {
            touch::touch_image(&image).expect("an accepted image keeps its promises");
            // extensions that do not fit are refused here
            if let Ok(walked) = searches::walk_image(&image) {
                walked.expect("a walk finds slots");
            }
        }
    }
});
