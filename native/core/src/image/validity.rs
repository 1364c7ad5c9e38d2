//! Whether parts make an image that can be walked without looking again: every slot, link, level and key in its range.

use super::corrupt;
use super::format::{ALIGNMENT, EXTENSION_MIN, SECTIONS, SECTIONS_MAX};
use super::parts::{ImageParts, UpperLevel};
use crate::error::Result;
use crate::limits;
use crate::parallel;
use std::sync::{Mutex, PoisonError};

pub const DEGREE_MAX: usize = 1_024;
pub const LEVELS_MAX: usize = 64;
/// Rows that a thread checks at a time.
const BLOCK: usize = 8_192;

/// Checks everything. Errors: `artifact_corrupt`.
pub fn check(parts: &ImageParts<'_>, threads: usize) -> Result<()> {
    check_shape(parts)?;
    check_keys(parts.keys)?;
    check_upper(parts)?;
    let (stride, degree) = (parts.stride, parts.degree);
    let tables = parts.codes.chunks(BLOCK * stride).zip(parts.links.chunks(BLOCK * degree));
    let work = Mutex::new(tables.zip(parts.inverse_norms.chunks(BLOCK)).enumerate());
    let take = || work.lock().unwrap_or_else(PoisonError::into_inner).next();
    parallel::run(threads.min(parts.count().div_ceil(BLOCK)), || {
        while let Some((block, ((codes, links), norms))) = take() {
            check_codes(codes, stride, parts.dimensions)?;
            check_links(links, degree, block * BLOCK, parts.count())?;
            let finite = 0.0..f32::INFINITY;
            ensure(norms.iter().all(|norm| finite.contains(norm)), "an inverse norm is out of range")?;
        }
        Ok(())
    })
}

fn ensure(holds: bool, otherwise: &str) -> Result<()> {
    if holds { Ok(()) } else { Err(corrupt(otherwise)) }
}

/// Ranges of the numbers, and that every table has the length that follows from them.
fn check_shape(parts: &ImageParts<'_>) -> Result<()> {
    let count = parts.count();
    let in_range = [
        (1..=limits::DIMENSIONS_MAX).contains(&parts.dimensions),
        (parts.dimensions..=limits::DIMENSIONS_MAX).contains(&parts.stride) && parts.stride.is_multiple_of(ALIGNMENT),
        (1..=limits::COUNT_MAX).contains(&count),
        (1..=DEGREE_MAX).contains(&parts.degree),
        (parts.entry as usize) < count,
        (limits::CONNECTIVITY_MIN..=limits::CONNECTIVITY_MAX).contains(&parts.connectivity),
        parts.expansion_add <= limits::EXPANSION_ADD_MAX,
        parts.upper.len() <= LEVELS_MAX,
    ];
    ensure(in_range.iter().all(|&holds| holds), "a number of its head is out of range")?;
    let lengths = parts.codes.len() == count * parts.stride
        && parts.inverse_norms.len() == count
        && parts.links.len() == count * parts.degree;
    ensure(lengths, "a table has another length than its rows need")?;
    let ascending = parts.extensions.windows(2).all(|pair| pair[0].0 < pair[1].0);
    let few = parts.extensions.len() <= SECTIONS_MAX - SECTIONS;
    ensure(
        ascending && few && parts.extensions.iter().all(|(id, _)| *id >= EXTENSION_MIN),
        "an extension's id is wrong",
    )
}

/// Every row exactly once.
fn check_keys(keys: &[u32]) -> Result<()> {
    let mut seen = vec![0u64; keys.len().div_ceil(64)];
    for &key in keys {
        ensure((key as usize) < keys.len(), "a key is out of range")?;
        let (word, bit) = (&mut seen[key as usize / 64], 1u64 << (key % 64));
        ensure(*word & bit == 0, "a key stands in two slots")?;
        *word |= bit;
    }
    Ok(())
}

/// Each level holds slots of the one below, and links among its own.
fn check_upper(parts: &ImageParts<'_>) -> Result<()> {
    // The highest level of each slot; LEVELS_MAX fits.
    let mut levels = vec![0u8; parts.count()];
    for (below, level) in parts.upper.iter().enumerate() {
        check_rows(level, parts.connectivity)?;
        for &slot in level.slots {
            let known = levels.get_mut(slot as usize).filter(|known| usize::from(**known) == below);
            let known = known.ok_or_else(|| corrupt("a slot of a level is missing on the level below"))?;
            *known += 1;
        }
        let on_level = |link: &u32| levels.get(*link as usize).is_some_and(|known| usize::from(*known) > below);
        ensure(level.links.iter().all(on_level), "a link leads to a slot that is not on its level")?;
    }
    ensure(usize::from(levels[parts.entry as usize]) == parts.upper.len(), "its entry is not on the top level")
}

fn check_rows(level: &UpperLevel<'_>, connectivity: usize) -> Result<()> {
    let ascending = level.slots.windows(2).all(|pair| pair[0] < pair[1]);
    ensure(ascending && !level.slots.is_empty(), "the slots of a level do not ascend")?;
    let rows = level.offsets.len() == level.slots.len() + 1
        && level.offsets[0] == 0
        && level.offsets.last().is_some_and(|&last| last as usize == level.links.len());
    ensure(rows, "the links of a level do not fill it")?;
    let room = |pair: &[u32]| pair[1].checked_sub(pair[0]).is_some_and(|links| links as usize <= connectivity);
    ensure(level.offsets.windows(2).all(room), "a slot of a level has too many links")
}

/// The largest code has one value less than a byte could have below zero: products of two rows stay in their range.
fn check_codes(codes: &[i8], stride: usize, dimensions: usize) -> Result<()> {
    let smallest = codes.iter().fold(0, |smallest, &code| code.min(smallest));
    ensure(smallest > i8::MIN, "a code is out of range")?;
    if stride == dimensions {
        return Ok(());
    }
    let padded = |row: &[i8]| row[dimensions..].iter().fold(0, |any, &code| any | code) == 0;
    ensure(codes.chunks_exact(stride).all(padded), "there is something behind a row of codes")
}

/// Links below `count`; a slot's own number only as filling at the end of its row.
fn check_links(links: &[u32], degree: usize, first: usize, count: usize) -> Result<()> {
    let largest = links.iter().fold(0, |largest, &link| largest.max(link));
    ensure((largest as usize) < count, "a link leads nowhere")?;
    let filled = |(slot, row): (usize, &[u32])| {
        let slot = (first + slot) as u32;
        let own = row.iter().filter(|&&link| link == slot).count();
        row[degree - own..].iter().all(|&link| link == slot)
    };
    ensure(links.chunks_exact(degree).enumerate().all(filled), "a slot links to itself")
}
