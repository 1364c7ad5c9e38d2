//! What was built: shown by health and written into manifests.

use napi_derive::napi;

/// Version of the addon.
#[napi(catch_unwind)]
pub fn addon_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
