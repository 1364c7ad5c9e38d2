/** Numbers in the unit that stands beside them: the answers of the server are in the mapping's unit, a form may say another. Pure. */
import type { FormField } from '../../server/contract/item'

const millimetres: Record<string, number> = { mm: 1, cm: 10, m: 1000, in: 25.4, inch: 25.4, inches: 25.4, '"': 25.4 }
const plain = (unit: string) => unit.trim().toLowerCase()

/** The unit that a number of this attribute is read in: what stands beside it, else the mapping's. Null where there is none. */
export const unitBeside = (field: FormField, values: Readonly<Record<string, string>>): string | null =>
  (field.unitAttribute && values[field.unitAttribute]?.trim()) || field.unit

interface Change {
  /** In the mapping's unit. */
  from: string | number | null
  to: string | number | null
}

/**
 * `to` as the form would write it. What the form says now for the same size gives the factor; where it says nothing, the name of the
 * unit does. A unit that nobody knows leaves the number as it is: the server then says so.
 */
export function asFormWrites(
  { from, to }: Change,
  field: FormField | undefined,
  values: Readonly<Record<string, string>>,
): string | number | null {
  if (typeof to !== 'number' || !field?.unit) return to
  const unit = unitBeside(field, values) ?? field.unit
  if (plain(unit) === plain(field.unit)) return to
  const written = Number(values[field.name])
  const known = millimetres[plain(field.unit)] / millimetres[plain(unit)]
  const factor = typeof from === 'number' && from !== 0 && values[field.name]?.trim() && Number.isFinite(written) ? written / from : known
  return Number.isFinite(factor) && factor > 0 ? Number((to * factor).toPrecision(6)) : to
}
