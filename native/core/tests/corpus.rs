//! The files that fuzzing starts from are what their names say: whole ones are read, cut ones refused. A change of the image's
//! layout that leaves its version as it is fails here.

#[path = "common/touch.rs"]
mod touch;

use routewright_core::error::Code;
use routewright_core::image::ServingImage;
use routewright_core::usearch_file::UsearchFile;
use std::path::{Path, PathBuf};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(folder);
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn whole_files_are_read_and_cut_ones_are_refused() {
    let (mut whole, mut cut) = (0, 0);
    for path in files("image").into_iter().chain(files("usearch_file")) {
        let bytes = std::fs::read(&path).unwrap();
        let opened = if path.to_str().unwrap().contains("usearch_file") {
            UsearchFile::parse(&bytes).map(|file| touch::touch_file(&file).unwrap())
        } else {
            ServingImage::from_bytes(bytes).map(|image| touch::touch_image(&image).unwrap())
        };
        if path.extension().is_some_and(|ending| ending == "cut") {
            assert_eq!(opened.unwrap_err().code, Code::ArtifactCorrupt, "{}", path.display());
            cut += 1;
        } else {
            opened.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            whole += 1;
        }
    }
    assert!(whole >= 17 && cut >= 5, "{whole} whole, {cut} cut");
}
