/** Scales and ticks of the small plots. Pure. */
export interface Scale {
  /** Value → place in the drawing. */
  at: (value: number) => number
  ticks: number[]
}

export function linearScale([low, high]: readonly [number, number], [from, to]: readonly [number, number], ticks = 4): Scale {
  const span = high - low || 1
  const rough = span / ticks
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 2.5, 5].find((lead) => lead * power >= rough * (1 - 1e-9)) ?? 10) * power
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return {
    at: (value) => from + ((value - low) / span) * (to - from),
    // A step of .1 does not add up exactly.
    ticks: Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12))),
  }
}

/** Powers of ten, with 2 and 5 between them where there is room. Both bounds are above 0. */
export function logScale([low, high]: readonly [number, number], [from, to]: readonly [number, number]): Scale {
  const bottom = Math.log10(low)
  const span = Math.log10(high) - bottom || 1
  const decades = Array.from({ length: Math.floor(Math.log10(high)) - Math.floor(bottom) + 1 }, (_, index) => Math.floor(bottom) + index)
  const leads = span > 2.5 ? [1] : span > 1.2 ? [1, 3] : [1, 2, 5]
  return {
    at: (value) => from + ((Math.log10(value) - bottom) / span) * (to - from),
    ticks: decades
      .flatMap((power) => leads.map((lead) => Number((lead * 10 ** power).toPrecision(6))))
      .filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)),
  }
}

/** An axis of shares that starts near the lowest value and ends at 1, so that differences near 1 are seen. */
export const shareDomain = (values: readonly number[]): [number, number] => {
  const low = Math.min(1, ...values)
  const floor = [0.99, 0.95, 0.9, 0.8, 0.6, 0].find((bound) => low >= bound) ?? 0
  return [floor, 1]
}
