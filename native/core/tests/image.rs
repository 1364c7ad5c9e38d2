//! What an image gives back, and what is refused: every altered byte, and every part that contradicts another behind right checksums.

#[path = "common/tables.rs"]
mod tables;

use routewright_core::error::{Code, Result};
use routewright_core::image::format::{self, Section};
use routewright_core::image::{ServingImage, UpperLevel, checksum, to_bytes, write};
use tables::{Tables, integers};

fn code<T>(result: Result<T>) -> Code {
    result.err().expect("an error").code
}

fn bytes(tables: &Tables) -> Vec<u8> {
    to_bytes(&tables.parts()).unwrap()
}

#[test]
fn what_was_written_is_read_from_a_file_and_from_bytes() {
    for (count, dimensions, degree) in [(1, 1, 1), (2, 64, 3), (300, 24, 8), (20_000, 130, 16)] {
        let tables = Tables::new(count, dimensions, degree);
        let folder = std::env::temp_dir().join(format!("routewright-image-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("serving.image");
        let written = write(&path, &tables.parts()).unwrap();
        let in_memory = bytes(&tables);
        assert_eq!(written, in_memory.len() as u64);
        assert!(std::fs::read(&path).unwrap() == in_memory);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing else is left in the folder");
        for image in [ServingImage::open(&path).unwrap(), ServingImage::from_bytes(in_memory).unwrap()] {
            assert!(image.parts() == tables.parts());
            assert_eq!((image.count(), image.dimensions(), image.degree()), (count, dimensions, degree));
            assert_eq!((image.entry(), image.top_level()), (tables.entry, tables.upper.len()));
            assert_eq!((image.connectivity(), image.expansion_add(), image.bytes() as u64), (4, 64, written));
            assert_eq!(image.section(100), Some(&[7; 130][..]));
            assert_eq!(image.section(205), Some(&[][..]));
            assert_eq!(image.section(101), None);
            assert_eq!(image.section(Section::Codes as u32), None, "only extensions are given as bytes");
            let starts =
                [image.keys().as_ptr() as usize, image.codes().as_ptr() as usize, image.links().as_ptr() as usize];
            let extension = image.section(100).unwrap().as_ptr() as usize;
            assert!(starts.into_iter().chain([extension]).all(|address| address.is_multiple_of(64)));
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn links_of_a_level_are_found_by_slot() {
    let (slots, offsets, links) = ([3, 7, 9], [0, 2, 2, 3], [7, 9, 3]);
    let level = UpperLevel { slots: &slots, offsets: &offsets, links: &links };
    assert_eq!([3, 7, 9, 4].map(|slot| level.links_of(slot)), [&[7, 9][..], &[], &[3], &[]]);
}

#[test]
fn a_file_that_is_not_there_or_of_another_kind_has_its_own_code() {
    assert_eq!(code(ServingImage::open(std::path::Path::new("/nowhere/serving.image"))), Code::ArtifactMissing);
    let tables = Tables::new(20, 8, 4);
    assert_eq!(code(write(std::path::Path::new("/nowhere/serving.image"), &tables.parts())), Code::ArtifactMissing);
    let whole = bytes(&tables);
    for at in [8, 12, 16] {
        let mut other = whole.clone();
        other[at] += 1;
        assert_eq!(code(ServingImage::from_bytes(other)), Code::ArtifactMismatch);
    }
    assert_eq!(code(ServingImage::from_bytes(vec![0; 4_096])), Code::ArtifactCorrupt);
    assert_eq!(code(ServingImage::from_bytes(Vec::new())), Code::ArtifactCorrupt);
    let empty = std::env::temp_dir().join(format!("routewright-empty-{}.image", std::process::id()));
    std::fs::write(&empty, []).unwrap();
    assert_eq!(code(ServingImage::open(&empty)), Code::ArtifactCorrupt);
    std::fs::remove_file(empty).unwrap();
    assert_eq!(code(ServingImage::open(&std::env::temp_dir())), Code::EngineFailed, "a folder");
}

#[test]
fn every_flipped_bit_and_every_other_length_is_refused() {
    let whole = bytes(&Tables::new(40, 24, 6));
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut altered = whole.clone();
            altered[at] ^= 1 << bit;
            let refused = code(ServingImage::from_bytes(altered));
            assert!(
                matches!(refused, Code::ArtifactCorrupt | Code::ArtifactMismatch),
                "byte {at} bit {bit}: {refused:?}"
            );
        }
    }
    for length in 0..whole.len() {
        assert_eq!(code(ServingImage::from_bytes(whole[..length].to_vec())), Code::ArtifactCorrupt, "{length} bytes");
    }
    for more in [1, 63, 64, 4_096] {
        let longer = [&whole[..], &vec![0; more]].concat();
        assert_eq!(code(ServingImage::from_bytes(longer)), Code::ArtifactCorrupt);
    }
}

#[test]
fn damage_in_any_piece_of_a_long_section_is_found() {
    let whole = bytes(&Tables::new(50_000, 64, 16));
    assert!(whole.len() > 6 * checksum::PIECE_BYTES);
    let mut next = integers(5);
    for _ in 0..40 {
        let mut altered = whole.clone();
        let at = next(whole.len());
        altered[at] ^= 1 << next(8);
        assert_eq!(code(ServingImage::from_bytes(altered)), Code::ArtifactCorrupt, "byte {at}");
    }
}

/// The file as a writer without checks would write it: right checksums over whatever stands in it.
fn resealed(mut bytes: Vec<u8>, change: impl FnOnce(&mut [u8], &[format::Entry])) -> Vec<u8> {
    let (head, mut table) = format::decode(&bytes).unwrap();
    change(&mut bytes, &table);
    for entry in &mut table {
        entry.checksum = checksum::section_checksums(&[&bytes[entry.range()]], 1).unwrap()[0];
    }
    let (front, footer) = format::encode(&head, &table, bytes.len() as u64);
    let end = bytes.len() - footer.len();
    bytes[..front.len()].copy_from_slice(&front);
    bytes[end..].copy_from_slice(&footer);
    bytes
}

/// The image with one word of a section changed, checksums right.
fn with_word(tables: &Tables, section: Section, word: usize, value: u32) -> Vec<u8> {
    resealed(bytes(tables), |bytes, table| {
        let at = table[section.place()].range().start + 4 * word;
        bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
    })
}

#[test]
fn right_checksums_over_wrong_contents_are_refused() {
    let tables = Tables::new(100, 24, 6);
    assert!(ServingImage::from_bytes(resealed(bytes(&tables), |_, _| ())).is_ok());
    let full = |row: &&[u32]| row[5] != row[4];
    let slot = tables.links.chunks(6).position(|row| full(&row)).unwrap();
    let outsider = (0..100).find(|slot| !tables.upper[0].0.contains(slot)).unwrap();
    let wrong = [
        (Section::Keys, 3, 100),
        (Section::Keys, 3, tables.keys[4]),
        (Section::Codes, 2, 0x0000_0080),
        (Section::Codes, 6, 1 << 24),
        (Section::InverseNorms, 9, f32::NAN.to_bits()),
        (Section::InverseNorms, 9, f32::INFINITY.to_bits()),
        (Section::InverseNorms, 9, (-0.5f32).to_bits()),
        (Section::Links, 17, 100),
        (Section::Links, 17, u32::MAX),
        (Section::Links, 6 * slot, slot as u32),
        (Section::UpperCounts, 0, tables.upper[0].0.len() as u32 + 1),
        (Section::UpperCounts, 1, u32::MAX),
        (Section::UpperCounts, 1, 0),
        (Section::UpperSlots, 1, 0),
        (Section::UpperSlots, 1, 100),
        (Section::UpperSlots, tables.upper[0].0.len() + 1, tables.upper[1].0[1] + 1),
        (Section::UpperOffsets, 0, 1),
        (Section::UpperOffsets, 1, u32::MAX),
        (Section::UpperOffsets, 1, 5),
        (Section::UpperLinks, 0, outsider),
        (Section::UpperLinks, 0, 100),
    ];
    for (section, word, value) in wrong {
        let refused = code(ServingImage::from_bytes(with_word(&tables, section, word, value)));
        assert_eq!(refused, Code::ArtifactCorrupt, "{section:?} {word} {value}");
    }
    assert!(ServingImage::from_bytes(with_word(&tables, Section::InverseNorms, 9, 0)).is_ok());
}

#[test]
fn heads_that_promise_what_is_not_there_are_refused() {
    let tables = Tables::new(100, 24, 6);
    let whole = bytes(&tables);
    let (head, table) = format::decode(&whole).unwrap();
    let with = |head: format::Head, table: &[format::Entry]| {
        let (front, footer) = format::encode(&head, table, whole.len() as u64);
        let mut altered = whole.clone();
        let end = altered.len() - footer.len();
        altered[..front.len()].copy_from_slice(&front);
        altered[end..].copy_from_slice(&footer);
        ServingImage::from_bytes(altered)
    };
    assert!(with(head, &table).is_ok());
    let changes: [fn(&mut format::Head, u32); 8] = [
        |head, value| head.dimensions = value,
        |head, value| head.stride = value,
        |head, value| head.count = value,
        |head, value| head.degree = value,
        |head, value| head.top_level = value,
        |head, value| head.entry = value,
        |head, value| head.connectivity = value,
        |head, value| head.expansion_add = value,
    ];
    for (field, change) in changes.into_iter().enumerate() {
        for value in [0, 1, 23, 99, 101, 16_384, 16_385, 1 << 31, u32::MAX] {
            let mut other = head;
            change(&mut other, value);
            let opened = with(other, &table);
            // another slot of the top level, more connectivity or another expansion say something else that can be true
            let entry = field == 5 && tables.upper.last().unwrap().0.contains(&value);
            let harmless = (field >= 6 || entry) && opened.is_ok();
            assert!(
                harmless || matches!(opened, Err(ref error) if error.code == Code::ArtifactCorrupt),
                "{field} {value}"
            );
        }
    }
    for change in [64u64, u64::MAX - 63, 1, 1 << 63] {
        let mut other = table.clone();
        other[3].offset = other[3].offset.wrapping_add(change);
        assert_eq!(code(with(head, &other)), Code::ArtifactCorrupt);
        other[3] = table[3];
        other[3].length = other[3].length.wrapping_add(change);
        assert_eq!(code(with(head, &other)), Code::ArtifactCorrupt);
    }
    for id in [0, 3, 9, 99, 205] {
        let mut other = table.clone();
        other[8].id = id;
        assert_eq!(code(with(head, &other)), Code::ArtifactCorrupt);
    }
}

#[test]
fn parts_that_are_no_image_are_not_written() {
    let refused = |change: fn(&mut Tables)| {
        let mut tables = Tables::new(100, 24, 6);
        change(&mut tables);
        code(to_bytes(&tables.parts()))
    };
    assert_eq!(refused(|tables| tables.keys[0] = tables.keys[1]), Code::EngineFailed);
    assert_eq!(refused(|tables| tables.keys.truncate(99)), Code::EngineFailed);
    assert_eq!(refused(|tables| tables.keys.clear()), Code::EngineFailed);
    assert_eq!(refused(|tables| tables.stride = 63), Code::EngineFailed);
    assert_eq!(refused(|tables| tables.links[0] = 100), Code::EngineFailed);
    assert_eq!(refused(|tables| tables.entry = 1), Code::EngineFailed);
    assert_eq!(refused(|tables| tables.upper.swap(0, 1)), Code::EngineFailed);
    assert_eq!(refused(|tables| tables.upper[0].2.clear()), Code::EngineFailed);
    assert_eq!(refused(|tables| tables.extensions[0].0 = 99), Code::EngineFailed);
    assert_eq!(refused(|tables| tables.extensions[1].0 = 100), Code::EngineFailed);
}
