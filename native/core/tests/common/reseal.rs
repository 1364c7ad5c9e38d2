//! Puts right checksums over whatever stands in a file, as far as its table can be read: what is checked behind the
//! checksums would otherwise never be reached by chance.

use routewright_core::image::checksum::{checksum, section_checksums};
use routewright_core::image::format::{ENTRY_BYTES, FOOTER_BYTES, HEAD_BYTES, front_bytes, u32_at, u64_at};

pub fn reseal(bytes: &mut [u8]) {
    let length = bytes.len() as u64;
    if bytes.len() < HEAD_BYTES + FOOTER_BYTES {
        return;
    }
    bytes[56..64].copy_from_slice(&length.to_le_bytes());
    let sections = (u32_at(bytes, 52) as usize).min((bytes.len() - HEAD_BYTES) / ENTRY_BYTES);
    for row in (0..sections).map(|section| HEAD_BYTES + ENTRY_BYTES * section) {
        let (offset, end) = (u64_at(bytes, row + 8), u64_at(bytes, row + 8).checked_add(u64_at(bytes, row + 16)));
        let section = end.filter(|&end| end <= length).map(|end| &bytes[offset as usize..end as usize]);
        let sum = section.and_then(|section| Some(section_checksums(&[section], 1).ok()?[0]));
        bytes[row + 24..row + 32].copy_from_slice(&sum.unwrap_or(0).to_le_bytes());
    }
    let front_end = (front_bytes(sections) as usize).min(bytes.len());
    bytes[64..72].fill(0);
    let sum = checksum(&bytes[..front_end]).to_le_bytes();
    bytes[64..72].copy_from_slice(&sum);
    let footer = bytes.len() - FOOTER_BYTES;
    bytes[footer + 8..footer + 16].copy_from_slice(&length.to_le_bytes());
    bytes[footer + 16..footer + 24].copy_from_slice(&sum);
}
