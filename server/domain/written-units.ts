/** Numbers as a row of the plant would write them, for answers that may come back as a question. */
import type { Feature } from '../contract/mapping'
import type { Attributes } from '../contract/predict'
import { unitFactor } from './units'

/**
 * Stored numbers are in the mapping's unit; a question that also names the unit beside a number means that unit. Without this,
 * 88.9 mm beside INCH would be taken for 88.9 inches.
 */
export function asWritten(features: readonly { name: string; feature: Feature }[], attributes: Attributes): Attributes {
  const written = { ...attributes }
  for (const { name, feature } of features) {
    if (feature.kind !== 'number' || feature.unitColumn === undefined || feature.unit === undefined) continue
    const beside = features.find((other) => other.feature.column === feature.unitColumn)
    const unit = beside === undefined ? null : attributes[beside.name]
    const value = attributes[name]
    if (typeof unit !== 'string' || typeof value !== 'number') continue
    const factor = unitFactor(unit, feature.unit)
    if (factor !== null) written[name] = Number((value / factor).toPrecision(12))
  }
  return written
}
