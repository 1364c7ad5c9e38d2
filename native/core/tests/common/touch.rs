//! Reads everything that an accepted file gives out and says what of it breaks a promise. Written apart from the readers'
//! own checks and as plainly as can be, so that the two can disagree.

use routewright_core::image::ServingImage;
use routewright_core::usearch_file::UsearchFile;
use std::collections::HashSet;

pub fn promise(holds: bool, what: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(what) }
}

pub fn touch_image(image: &ServingImage) -> Result<(), &'static str> {
    let (count, stride, degree) = (image.count(), image.stride(), image.degree());
    promise(count > 0 && image.dimensions() > 0 && image.dimensions() <= stride && degree > 0, "shape")?;
    promise(image.keys().iter().collect::<HashSet<_>>().len() == count, "keys are unique")?;
    promise(image.keys().iter().all(|&key| (key as usize) < count), "keys are rows")?;
    promise(image.codes().len() == count * stride && stride.is_multiple_of(64), "codes have their length")?;
    for row in image.codes().chunks(stride) {
        promise(row.iter().all(|&code| code >= -127), "codes are in range")?;
        promise(row[image.dimensions()..].iter().all(|&code| code == 0), "rows of codes end in zeros")?;
    }
    promise(image.inverse_norms().len() == count, "a norm for each slot")?;
    promise(image.inverse_norms().iter().all(|norm| norm.is_finite() && *norm >= 0.0), "norms are in range")?;
    promise(image.links().len() == count * degree, "links have their length")?;
    for (slot, row) in image.links().chunks(degree).enumerate() {
        promise(row.iter().all(|&link| (link as usize) < count), "links lead to slots")?;
        let mut filling = row.iter().skip_while(|&&link| link as usize != slot);
        promise(filling.all(|&link| link as usize == slot), "rows of links are filled with the slot")?;
    }
    let mut below: HashSet<u32> = (0..count as u32).collect();
    for level in 1..=image.top_level() {
        let level = image.upper(level);
        let own: HashSet<u32> = level.slots.iter().copied().collect();
        promise(
            !own.is_empty() && own.len() == level.slots.len() && own.is_subset(&below),
            "levels lie in each other",
        )?;
        let mut links = 0;
        for slot in level.slots {
            promise(level.links_of(*slot).iter().all(|link| own.contains(link)), "links stay on their level")?;
            promise(level.links_of(*slot).len() <= image.connectivity(), "links stay within the connectivity")?;
            links += level.links_of(*slot).len();
        }
        promise(links == level.links.len(), "every link belongs to a slot")?;
        below = own;
    }
    promise(below.contains(&image.entry()), "the entry stands on the top level")?;
    let sum: u64 = image.parts().extensions.iter().flat_map(|(_, bytes)| *bytes).map(|&byte| u64::from(byte)).sum();
    std::hint::black_box(sum);
    promise(image.parts().extensions.iter().all(|(id, bytes)| image.section(*id) == Some(*bytes)), "extensions by id")
}

pub fn touch_file(file: &UsearchFile<'_>) -> Result<(), &'static str> {
    let count = file.count() as u32;
    promise(count > 0 && file.entry() < count && file.level(file.entry()) == file.top_level(), "the entry")?;
    let keys: HashSet<u64> = (0..count).map(|slot| file.key(slot)).collect();
    promise(file.multi() || keys.len() == count as usize, "keys are unique")?;
    let mut vector = vec![0.0; file.dimensions()];
    for slot in 0..count {
        promise(file.level(slot) <= file.top_level(), "levels end at the top")?;
        for level in 0..=file.top_level() + 1 {
            let room = if level == 0 { file.base_links() } else { file.connectivity() };
            let links: Vec<u32> = file.links(slot, level).collect();
            promise(links.len() <= room && (level <= file.level(slot) || links.is_empty()), "links have room")?;
            promise(links.iter().all(|&link| link < count && file.level(link) >= level), "links stay on their level")?;
        }
        if file.unit_vector(slot, &mut vector).is_ok() {
            let norm: f64 = vector.iter().map(|&value| f64::from(value) * f64::from(value)).sum();
            promise((norm - 1.0).abs() < 1e-3, "vectors have length 1")?;
        }
    }
    Ok(())
}
