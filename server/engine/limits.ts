/** Bounds of the engine; `native/core/src/limits.rs` holds the same and checks them again. */
export const engineLimits = {
  dimensionsMax: 16_384,
  countMax: 2 ** 31 - 1,
  kMax: 1_000,
  efMax: 4_096,
  threadsMax: 256,
  connectivityMin: 2,
  connectivityMax: 256,
  expansionAddMax: 4_096,
  operationsMax: 65_534,
  treesMax: 512,
  treeDepthMax: 256,
  beamMax: 1_024,
} as const
