/** Minutes shown in the unit that the person chose. Pure. */
export const timeUnits = ['min', 'h', 's'] as const
export type TimeUnit = (typeof timeUnits)[number]

const units = {
  min: { minutes: 1, decimals: 1 },
  h: { minutes: 60, decimals: 2 },
  s: { minutes: 1 / 60, decimals: 0 },
} satisfies Record<TimeUnit, { minutes: number; decimals: number }>

export const minutesPerUnit = (unit: TimeUnit): number => units[unit].minutes

/** Fixed decimals for a unit, so that columns of numbers align: 12.5 min, 0.21 h, 750 s. */
export function formatMinutes(minutes: number, unit: TimeUnit, locale: string): string {
  const { minutes: per, decimals } = units[unit]
  return new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(minutes / per)
}

/** A tick's label: no needless decimals. */
export function formatTick(minutes: number, unit: TimeUnit, locale: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(minutes / units[unit].minutes)
}
