//! What was built and what runs: shown by health and written into manifests.

use napi_derive::napi;
use routewright_core::kernels;

/// Version of the addon.
#[napi(catch_unwind)]
pub fn addon_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

#[napi(object)]
pub struct BindingRuntime {
    pub addon: String,
    /// Version of the library that builds the graph.
    pub usearch: String,
    /// The path in use.
    pub kernels: String,
    /// All paths that this processor can run, the fastest first.
    pub available: Vec<String>,
}

#[napi(catch_unwind)]
pub fn runtime() -> BindingRuntime {
    BindingRuntime {
        addon: addon_version(),
        usearch: routewright_core::index_builder::library_version().to_owned(),
        kernels: kernels::active().name.to_owned(),
        available: kernels::available().iter().map(|path| path.name.to_owned()).collect(),
    }
}
