/**
 * What the sample plant's planners and reporters get wrong, as numbers, so that the ceiling of accuracy is known:
 * everything else in a routing follows from the visible attributes by the rules of plan.ts.
 */

/** Shares are probabilities 0 to 1; sigmas are standard deviations of the natural logarithm. */
export const sampleNoise = {
  /** A routing lacks one step that the rules ask for. */
  forgottenStep: 0.016,
  /** Two neighbouring steps of a routing stand in the wrong order. */
  swappedSteps: 0.012,
  /** Every step of a routing stands on a machine that the rules would not take. Leaves the sequence as it is. */
  unusualMachine: 0.012,
  /** A step stands on another machine of its pool than the usual one for its size. Leaves the sequence as it is. */
  otherMachine: 0.15,
  /** Planned times against the truth, before rounding. */
  plannedSigma: 0.1,
  /** Reported run and set-up times against the truth. */
  actualRunSigma: 0.18,
  actualSetupSigma: 0.25,
  /** A report with a slipped decimal point: ten times too long. */
  tenfoldReport: 0.008,
  /** A report of zero hours. */
  zeroReport: 0.012,
  /** A report for a step that the routing does not have. */
  strayReport: 0.003,
} as const

/** Shares of items, 0 to 1. */
export const sampleShares = {
  /** No routing yet. */
  newItems: 0.07,
  /** Registered again with the attributes of an earlier item. */
  copies: 0.22,
  /** Made at least once, so that work results exist. */
  produced: 0.25,
  /** With a second, and of those with a third routing. */
  secondRouting: 0.08,
  thirdRouting: 0.2,
  /** Item codes with a leading blank. */
  leadingBlank: 0.004,
} as const

/** Upper bound of the share of first routings that rules can hit exactly: those that no planner deviated from in sequence. */
export const exactMatchCeiling = 1 - sampleNoise.forgottenStep - sampleNoise.swappedSteps
