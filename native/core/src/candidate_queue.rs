//! The candidates of a walk by their estimated similarity: the best comes out first, and only so many of the best are kept.
//!
//! A queue of buckets: estimates are no more exact than a bucket is wide, so order inside a bucket is of no use. Putting in, taking
//! out and dropping the worst cost the same however many are kept, where a sorted list moves its tail for each new one.

/// Buckets in which a distance doubles: a bucket is less than a hundredth of its distance wide.
const BUCKETS_A_DOUBLING: u32 = 128;
const SHIFT: u32 = f32::MANTISSA_DIGITS - 1 - BUCKETS_A_DOUBLING.ilog2();
/// Distances below are one bucket; 2^-14. Half a degree is .000 04.
const NEAREST: f32 = 1.0 / 16_384.0;
/// Distances above are one bucket: no cosine is as far, an estimate may be.
const FARTHEST: f32 = 3.9;
const BUCKETS: usize = 16 * BUCKETS_A_DOUBLING as usize;
const NOBODY: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Entry {
    slot: u32,
    next: u32,
}

/// Memory of one queue, kept between walks.
pub struct CandidateQueue {
    /// Last entry of each bucket.
    heads: Box<[u32; BUCKETS]>,
    /// What was put into each bucket, taken out again or not.
    put: Box<[u32; BUCKETS]>,
    occupied: [u64; BUCKETS / 64],
    /// Buckets into which anything was put.
    filled: [u64; BUCKETS / 64],
    entries: Vec<Entry>,
    room: usize,
    kept: usize,
    /// The last bucket that is kept.
    last: usize,
    /// No bucket before this is occupied.
    first: usize,
}

impl Default for CandidateQueue {
    fn default() -> Self {
        Self {
            heads: Box::new([NOBODY; BUCKETS]),
            put: Box::new([0; BUCKETS]),
            occupied: [0; BUCKETS / 64],
            filled: [0; BUCKETS / 64],
            entries: Vec::new(),
            room: 0,
            kept: 0,
            last: BUCKETS - 1,
            first: 0,
        }
    }
}

/// The bucket of a similarity, nearest first.
fn bucket_of(similarity: f32) -> usize {
    let distance = if similarity.is_nan() { FARTHEST } else { (1.0 - similarity).clamp(NEAREST, FARTHEST) };
    ((distance.to_bits() - NEAREST.to_bits()) >> SHIFT) as usize
}

impl CandidateQueue {
    /// Empties it. At least `room`, one or more, of the best that will have been put in are kept, and those as good as the last.
    pub fn restart(&mut self, room: usize) {
        self.occupied.fill(0);
        self.filled.fill(0);
        self.heads.fill(NOBODY);
        self.put.fill(0);
        self.entries.clear();
        let room = room.max(1);
        (self.room, self.kept, self.last, self.first) = (room, 0, BUCKETS - 1, BUCKETS / 64);
    }

    /// Similarities that are not above this are not kept.
    pub fn worst(&self) -> f32 {
        if self.kept < self.room {
            return f32::MIN;
        }
        1.0 - f32::from_bits(NEAREST.to_bits() + ((self.last as u32 + 1) << SHIFT))
    }

    /// Puts slots in, each with its similarity; the same slot may be in more than once. Whether one is kept is not branched on:
    /// nobody could guess it.
    #[inline]
    pub fn put(&mut self, candidates: impl IntoIterator<Item = (f32, u32)>) {
        let Self { heads, put, occupied, filled, entries, room, last, .. } = self;
        let (mut kept, mut first) = (self.kept, self.first);
        for (similarity, slot) in candidates {
            let bucket = bucket_of(similarity);
            occupied[bucket / 64] |= 1 << (bucket % 64);
            filled[bucket / 64] |= 1 << (bucket % 64);
            first = first.min(bucket / 64);
            let next = std::mem::replace(&mut heads[bucket], entries.len() as u32);
            entries.push(Entry { slot, next });
            put[bucket] += 1;
            kept += usize::from(bucket <= *last);
            while kept - put[*last] as usize >= *room {
                kept -= put[*last] as usize;
                *last = filled_below(filled, *last);
            }
        }
        (self.kept, self.first) = (kept, first);
    }

    /// Takes one of the best bucket.
    pub fn take(&mut self) -> Option<u32> {
        let bucket = self.best()?;
        let Entry { slot, next } = self.entries[self.heads[bucket] as usize];
        self.heads[bucket] = next;
        if next == NOBODY {
            self.occupied[bucket / 64] &= !(1 << (bucket % 64));
        }
        Some(slot)
    }

    /// The best bucket that is occupied and kept.
    fn best(&mut self) -> Option<usize> {
        while *self.occupied.get(self.first)? == 0 {
            self.first += 1;
        }
        let bucket = self.first * 64 + self.occupied[self.first].trailing_zeros() as usize;
        (bucket <= self.last).then_some(bucket)
    }
}

/// The next better bucket into which anything was put; the first when there is none.
fn filled_below(filled: &[u64], bucket: usize) -> usize {
    let mut word = bucket / 64;
    let mut bits = filled[word] & ((1 << (bucket % 64)) - 1);
    while bits == 0 && word > 0 {
        word -= 1;
        bits = filled[word];
    }
    word * 64 + bits.checked_ilog2().unwrap_or(0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similarities() -> Vec<f32> {
        let mut state = 7u32;
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            0.99 - (state >> 8) as f32 / 6_000_000.0
        })
        .take(5_000)
        .collect()
    }

    #[test]
    fn comes_out_best_first_and_the_best_are_kept() {
        let all = similarities();
        let mut queue = CandidateQueue::default();
        for room in [1, 10, 333, 6_000] {
            queue.restart(room);
            queue.put(all.iter().copied().zip(0..));
            let mut taken = Vec::new();
            while let Some(slot) = queue.take() {
                taken.push(all[slot as usize]);
            }
            let mut best = all.clone();
            best.sort_by(|a, b| b.total_cmp(a));
            let wanted = room.min(all.len());
            assert!(taken.len() >= wanted);
            assert!(taken.len() <= wanted + wanted / 2 + 20, "{} of room {room}", taken.len());
            let mut sorted = taken.clone();
            sorted.sort_by(|a, b| b.total_cmp(a));
            assert_eq!(sorted[..wanted], best[..wanted]);
            let buckets: Vec<usize> = taken.iter().map(|&similarity| bucket_of(similarity)).collect();
            assert!(buckets.is_sorted());
        }
    }

    #[test]
    fn what_is_worse_than_the_worst_is_not_kept() {
        let mut queue = CandidateQueue::default();
        queue.restart(2);
        queue.put([(0.5, 1)]);
        assert_eq!(queue.worst(), f32::MIN);
        queue.put([(0.9, 2)]);
        assert!(queue.worst() < 0.5 && queue.worst() > 0.49);
        queue.put([(0.1, 3), (0.95, 4)]);
        assert_eq!([queue.take(), queue.take(), queue.take()], [Some(4), Some(2), None]);
        // what was taken out counts: nothing worse than the two best is looked at any more
        queue.put([(0.6, 5)]);
        assert_eq!(queue.take(), None);
    }

    #[test]
    fn any_similarity_has_a_bucket() {
        for similarity in [f32::MIN, -3.0, -1.0, 0.0, 1.0 - 1e-7, 1.0, 1.5, f32::MAX, f32::NAN] {
            assert!(bucket_of(similarity) < BUCKETS, "{similarity}");
        }
    }
}
