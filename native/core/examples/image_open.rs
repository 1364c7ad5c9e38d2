//! How long writing and opening a verified image takes: `cargo run --release --example image_open -- 1000000 128 32 0`
//! (vectors, dimensions, links a slot, bytes of an extension a slot). Codes and links are random.

#[path = "../tests/common/tables.rs"]
mod tables;

use routewright_core::image::{ServingImage, write};
use std::time::Instant;
use tables::Tables;

fn main() {
    let given: Vec<usize> = std::env::args().skip(1).map(|value| value.parse().expect("a number")).collect();
    let [count, dimensions, degree, extension] = given[..] else { panic!("four numbers: see the head of this file") };
    let tables = Tables::new(count, dimensions, degree);
    let blocks = vec![1; count * extension];
    let mut parts = tables.parts();
    parts.extensions.push((300, &blocks));
    let path = std::env::temp_dir().join(format!("image-open-{}.image", std::process::id()));
    let start = Instant::now();
    let bytes = write(&path, &parts).expect("written");
    println!("written: {bytes} bytes, {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    for _ in 0..5 {
        let start = Instant::now();
        ServingImage::open(&path).expect("opened");
        println!("opened: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    }
    std::fs::remove_file(path).expect("removed");
}
