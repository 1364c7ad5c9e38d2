/** Every bound of the product in one place. Sizes in bytes, times in milliseconds, unless the name says otherwise. */
export const limits = {
  topKMin: 1,
  topKMax: 50,
  topKDefault: 10,
  candidatesMin: 1,
  candidatesMax: 10,
  candidatesDefault: 5,
  groupExpansionMax: 10,
  lotMax: 1_000_000,
  timeSummariesMax: 20_000,
  withoutMax: 50,
  filterAttributesMax: 8,
  filterValuesMax: 200,
  filterValueCharactersMax: 256,
  decisiveMax: 3,
  groupsMax: 50,
  groupsDefault: 10,
  groupExamplesMax: 5,
  /** Items of one group that are counted; a larger group is sampled. */
  groupSampleMax: 2_000,
  /** Predictions that one request for counterfactuals makes, the first included. */
  counterfactualPredictionsMax: 200,
  counterfactualsMax: 50,
  counterfactualsDefault: 10,
  vectorSearchMax: 1_000,
  vectorDimensionsMax: 16_384,
  /** base64 of as many f32. */
  vectorBase64CharactersMax: 87_384,
  efSearchMin: 16,
  efSearchMax: 1024,
  /** Share of the truly nearest that a request may ask for; 1 is exact search. */
  recallMin: 0.5,
  recallMax: 1,
  vectorCacheEntriesMin: 1_000,
  vectorCacheEntriesMax: 50_000,
  configBodyBytesMax: 200_000,
  predictBodyBytesMax: 1_000_000,
  batchBodyBytesMax: 50_000_000,
  batchItemsMax: 10_000,
  jsonDepthMax: 32,
  attributesMax: 500,
  attributeTextCharactersMax: 4_000,
  nameCharactersMax: 64,
  /** Why something was changed. */
  noteCharactersMax: 500,
  requestDeadlineMs: 2_000,
  // calculated requests of one process that wait for their turn: in all, and of one asker
  waitingMax: 128,
  waitingPerAskerMax: 64,
  /** Batches and searches for what-ifs under way in one process. */
  longRequestsMax: 4,
  stepsPerRoutingMax: 2_000,
  findingExamplesMax: 20,
  neighbourReasonsMax: 8,
  stepSourcesMax: 5,
  stepAlternativesMax: 10,
  // proposals on their way to the database: beyond either bound the oldest are dropped, and counted
  proposalsBufferedMax: 20_000,
  proposalsBufferedCharactersMax: 32_000_000,
  /** Candidates beyond are not kept with the proposal. */
  proposalCharactersMax: 32_000,
  /** In the database: the newest. */
  proposalsKeptMax: 100_000,
  /** Hours that the counts of requests are kept: 90 days. */
  driftHoursMax: 2_160,
  driftRequestsMin: 50,
  adoptionDaysMax: 366,
  /** Streams of live events of one process, and of one person in it. */
  eventStreamsMax: 200,
  eventStreamsPerPersonMax: 10,
  jobsQueuedMax: 100,
  schedulesMax: 100,
  /** Of a job's log, the last. */
  jobLogLinesMax: 1_000,
  jobLogBytesMax: 10_000_000,
} as const

/** Presets of ef_search, the breadth of the graph walk: wider finds more true neighbours and takes longer. */
export const efSearchPresets = { conservative: 256, standard: 96, aggressive: 32 } as const
/** Recalls that the screens offer in place of ef_search; 1 reads every vector. */
export const recallTargets = [0.9, 0.95, 0.99, 0.999, 1] as const
export type EfSearchPreset = keyof typeof efSearchPresets
