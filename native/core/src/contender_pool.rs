//! Rows of a scan that may still be among the k best: a row leaves when k others are better whatever its codes hide.

use crate::code_bounds::Reach;

/// Scores that are looked at together.
const STEP: usize = 16;
/// Contenders kept before those that fell behind are thrown out.
const ROOM: usize = 4_096;

#[derive(Clone, Copy, Debug)]
pub struct Contender {
    /// Score of the codes: see `Reach`.
    pub raw: f32,
    pub slot: u32,
}

#[derive(Default)]
pub struct ContenderPool {
    k: usize,
    reach: Reach,
    contenders: Vec<Contender>,
    /// Raw scores of the k best, descending.
    best: Vec<f32>,
    /// Rows below cannot be among the k best; −∞ until k are known.
    cut: f32,
    room: usize,
    /// `best` changed since the last cut.
    has_better: bool,
}

impl ContenderPool {
    /// Empties the pool for another question.
    pub fn restart(&mut self, k: usize, reach: Reach) {
        self.contenders.clear();
        self.best.clear();
        (self.k, self.reach, self.cut, self.room, self.has_better) = (k, reach, f32::NEG_INFINITY, ROOM, false);
    }

    /// Takes those of a block that may be among the k best; `slot` names a place of the block, or not if it is not wanted.
    pub fn take(&mut self, raws: &[f32], slot: impl Fn(usize) -> Option<u32>) {
        for (step, raws) in raws.chunks(STEP).enumerate() {
            // most steps hold nothing: one look at all of them
            let highest =
                raws.iter().fold(f32::NEG_INFINITY, |highest, &raw| if raw > highest { raw } else { highest });
            if highest < self.cut {
                continue;
            }
            for (at, &raw) in raws.iter().enumerate() {
                if raw >= self.cut
                    && let Some(slot) = slot(step * STEP + at)
                {
                    self.contenders.push(Contender { raw, slot });
                    self.enter_best(raw);
                }
            }
        }
        if self.has_better {
            self.raise_cut();
        }
        if self.contenders.len() > self.room {
            self.throw_out();
            self.room = ROOM.max(2 * self.contenders.len());
        }
    }

    /// The contenders that are left, best first by their codes.
    pub fn finish(&mut self) -> &[Contender] {
        self.throw_out();
        self.contenders.sort_unstable_by(|a, b| b.raw.total_cmp(&a.raw).then(a.slot.cmp(&b.slot)));
        &self.contenders
    }

    fn enter_best(&mut self, raw: f32) {
        if self.best.len() == self.k {
            if raw <= self.best[self.k - 1] {
                return;
            }
            self.best.pop();
        }
        let at = self.best.partition_point(|&other| other >= raw);
        self.best.insert(at, raw);
        self.has_better = true;
    }

    /// The k-th best is surely as good as its codes allow at worst; who cannot reach that even at best is out.
    fn raise_cut(&mut self) {
        self.has_better = false;
        if self.best.len() == self.k {
            self.cut = self.reach.raw_for(self.reach.score_at_least(self.best[self.k - 1]));
        }
    }

    fn throw_out(&mut self) {
        let cut = self.cut;
        self.contenders.retain(|contender| contender.raw >= cut);
    }
}
