//! What a search reads, and how long as much reading takes at least: for benches.

use crate::ann_index::BindingIndex;
use crate::error::to_js;
use napi::bindgen_prelude::Result;
use napi_derive::napi;
use routewright_core::floor::{Reads, Record};

#[napi(object)]
pub struct BindingSearchCounts {
    /// Slots whose neighbours were looked at.
    pub visits: u32,
    /// Rows of codes that were scored, those of the visits included.
    pub scored: u32,
    /// Exact vectors that were scored.
    pub exact: u32,
}

#[napi(string_enum = "lowercase")]
pub enum BindingRecord {
    Visit,
    Row,
    Exact,
}

#[napi(object)]
pub struct BindingReads {
    pub record: BindingRecord,
    pub records: u32,
    /// Groups of records asked for before their turn; 0: each place is known only when the record before it was read.
    pub ahead: u32,
    pub seed: u32,
}

#[napi(object)]
pub struct BindingReadTime {
    pub micros: f64,
    /// Of one record.
    pub bytes: u32,
}

#[napi]
impl BindingIndex {
    /// What a search does; all zero when it reads every vector instead of walking.
    #[napi(catch_unwind)]
    pub fn search_counts(&self, query: &[f32], k: u32, ef: u32) -> Result<BindingSearchCounts> {
        let counts = self.inner.search_counts(query, k as usize, ef as usize).map_err(to_js)?;
        let [visits, scored, exact] = [counts.visits, counts.scored, counts.exact].map(|count| count as u32);
        Ok(BindingSearchCounts { visits, scored, exact })
    }

    /// Time to read and score records at random places for the query.
    #[napi(catch_unwind)]
    pub fn random_reads(&self, query: &[f32], reads: BindingReads) -> Result<BindingReadTime> {
        let record = match reads.record {
            BindingRecord::Visit => Record::Visit,
            BindingRecord::Row => Record::Row,
            BindingRecord::Exact => Record::Exact,
        };
        let (records, ahead) = (reads.records as usize, reads.ahead as usize);
        let reads = Reads { record, records, ahead, seed: reads.seed.into() };
        let time = self.inner.random_reads(query, reads).map_err(to_js)?;
        Ok(BindingReadTime { micros: time.elapsed.as_secs_f64() * 1e6, bytes: time.bytes as u32 })
    }
}
