//! Random damage: bits, bytes, words, ranges, lengths. The same seed does the same damage on every machine.

/// Numbers that break careless arithmetic.
const TELLING: [u32; 12] = [0, 1, 2, 63, 64, 127, 128, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0xFFFF_FFC0, u32::MAX];

/// Damages a copy of a whole file in one to three places.
pub fn mutate(whole: &[u8], next: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..=next(3) {
        damage(&mut bytes, next);
    }
    bytes
}

fn damage(bytes: &mut Vec<u8>, next: &mut impl FnMut(usize) -> usize) {
    let length = bytes.len();
    if length < 8 {
        bytes.resize(8, 0);
        return;
    }
    // Half of the damage is done where the numbers of the head and the table stand, or the ones behind the rows.
    let at = match next(4) {
        0 => next(length.min(512)),
        1 => length - 1 - next(length.min(512)),
        _ => next(length),
    };
    let span = 1 + next((length - at).min(200));
    match next(10) {
        0 | 1 => bytes[at] ^= 1 << next(8),
        2 => bytes[at] = next(256) as u8,
        3 | 4 => {
            let at = at.min(length - 4) / 4 * 4;
            let near = u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
            let value = match next(3) {
                0 => TELLING[next(TELLING.len())],
                1 => near.wrapping_add(1 + next(3) as u32),
                _ => near.wrapping_sub(1 + next(3) as u32),
            };
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        5 => bytes.truncate(at),
        6 => bytes.extend((0..span).map(|_| next(256) as u8)),
        7 => {
            let other = next(length - span + 1);
            for step in 0..span {
                bytes.swap(at + step, other + step);
            }
        }
        8 => bytes[at..at + span].fill(if next(2) == 0 { 0 } else { 255 }),
        _ => {
            let from = next(length - span + 1);
            bytes.copy_within(from..from + span, at);
        }
    }
}
