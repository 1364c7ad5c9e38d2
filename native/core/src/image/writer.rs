//! Writes a serving image, section by section out of the caller's slices: the image never stands in memory a second time.

use super::checksum::section_checksums;
use super::format::{ALIGNMENT, Entry, FOOTER_BYTES, Head, Section, aligned, encode, front_bytes};
use super::parts::{ImageParts, UpperLevel};
use super::{threads, validity};
use crate::block_writer::BlockWriter;
use crate::error::{Code, Error, Result};
use std::borrow::Cow;
use std::fs::{File, remove_file, rename};
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Writes the image beside its place, waits until it is on disk, and puts it there by a rename: an older one that is still
/// mapped stays whole. The bytes written.
///
/// Errors: `engine_failed` for parts that are no image, `artifact_missing` for a folder that is not there, `storage_full`.
pub fn write(path: &Path, parts: &ImageParts<'_>) -> Result<u64> {
    let moment = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{moment}.partial", std::process::id()));
    let partial = path.with_file_name(name);
    let layout = Layout::new(parts)?;
    let publish = || {
        let mut writer = BlockWriter::new(File::options().write(true).create_new(true).open(&partial)?);
        layout.emit(&mut writer)?;
        writer.finish()?.sync_all()?;
        rename(&partial, path)
    };
    publish().map_err(|error| {
        let _ = remove_file(&partial); // what was written is of no use; it may not be there
        Error::io(path, &error)
    })?;
    Ok(layout.bytes)
}

/// The image in memory. Errors: `engine_failed` for parts that are no image.
pub fn to_bytes(parts: &ImageParts<'_>) -> Result<Vec<u8>> {
    let layout = Layout::new(parts)?;
    let mut bytes = Vec::with_capacity(layout.bytes as usize);
    layout.emit(&mut bytes).map_err(|error| Error::new(Code::EngineFailed, error.to_string()))?;
    Ok(bytes)
}

/// Where everything goes.
struct Layout<'a> {
    front: Vec<u8>,
    sections: Vec<Cow<'a, [u8]>>,
    footer: [u8; FOOTER_BYTES],
    bytes: u64,
}

impl<'a> Layout<'a> {
    fn new(parts: &ImageParts<'a>) -> Result<Self> {
        let invalid =
            |error: Error| Error::new(Code::EngineFailed, format!("the image cannot be written: {}", error.message));
        validity::check(parts, threads()).map_err(invalid)?;
        let named = sections(parts);
        let contents: Vec<&[u8]> = named.iter().map(|(_, section)| &**section).collect();
        let mut at = front_bytes(named.len());
        let place = |((id, section), checksum): (&(u32, Cow<'_, [u8]>), u64)| {
            let entry = Entry { id: *id, offset: at, length: section.len() as u64, checksum };
            at = aligned(at + entry.length);
            entry
        };
        let table: Vec<Entry> = named.iter().zip(section_checksums(&contents, threads())?).map(place).collect();
        let bytes = at + FOOTER_BYTES as u64;
        let (front, footer) = encode(&head(parts), &table, bytes);
        Ok(Self { front, sections: named.into_iter().map(|(_, section)| section).collect(), footer, bytes })
    }

    fn emit(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.front)?;
        for section in &self.sections {
            out.write_all(section)?;
            out.write_all(&[0; ALIGNMENT][..section.len().next_multiple_of(ALIGNMENT) - section.len()])?;
        }
        out.write_all(&self.footer)
    }
}

fn head(parts: &ImageParts<'_>) -> Head {
    Head {
        dimensions: parts.dimensions as u32,
        stride: parts.stride as u32,
        count: parts.count() as u32,
        degree: parts.degree as u32,
        top_level: parts.upper.len() as u32,
        entry: parts.entry,
        connectivity: parts.connectivity as u32,
        expansion_add: parts.expansion_add as u32,
    }
}

/// Ids and contents in the order of the file. Only the upper levels, some 5 bytes a vector, are put together anew.
fn sections<'a>(parts: &ImageParts<'a>) -> Vec<(u32, Cow<'a, [u8]>)> {
    let counts: Vec<u32> =
        parts.upper.iter().flat_map(|level| [level.slots.len() as u32, level.links.len() as u32]).collect();
    let joined = |part: fn(&UpperLevel<'a>) -> &'a [u32]| -> Cow<'a, [u8]> {
        parts.upper.iter().flat_map(|level| bytemuck::cast_slice::<u32, u8>(part(level))).copied().collect()
    };
    let borrowed = [
        (Section::Keys, Cow::Borrowed(bytemuck::cast_slice(parts.keys))),
        (Section::Codes, Cow::Borrowed(bytemuck::cast_slice(parts.codes))),
        (Section::InverseNorms, Cow::Borrowed(bytemuck::cast_slice(parts.inverse_norms))),
        (Section::Links, Cow::Borrowed(bytemuck::cast_slice(parts.links))),
        (Section::UpperCounts, Cow::Owned(bytemuck::cast_slice(&counts).to_vec())),
        (Section::UpperSlots, joined(|level| level.slots)),
        (Section::UpperOffsets, joined(|level| level.offsets)),
        (Section::UpperLinks, joined(|level| level.links)),
    ];
    let extensions = parts.extensions.iter().map(|(id, bytes)| (*id, Cow::Borrowed(*bytes)));
    borrowed.into_iter().map(|(section, bytes)| (section as u32, bytes)).chain(extensions).collect()
}
