/**
 * Whether a version that was made by one release can be served by another. What decides is who wrote the files: the program and
 * the library of the graph. The same → silence; another minor release → a warning; another major one → a refusal with advice.
 */

export type Drift = 'same' | 'minor' | 'major'

export interface RuntimeComparison {
  drift: Drift
  /** One sentence for each part that differs; plain words. */
  notes: string[]
}

/** Parts whose release number says something about the files, with the words for a person. */
const released: Record<string, string> = { routewright: 'Routewright', addon: 'the addon', usearch: 'usearch' }
/** Files are little endian and hold no pointers: another system reads them, but nobody has tried it for this version. */
const systems: Record<string, string> = { platform: 'operating system', arch: 'processor architecture' }

/**
 * @param made what `training_metadata.json` (else the manifest) says; parts that it does not name are not compared
 * @param here this program's
 */
export function compareRuntimes(made: Record<string, string>, here: Record<string, string>): RuntimeComparison {
  const found: { drift: Drift; note: string }[] = []
  for (const [part, name] of Object.entries(released)) {
    if (made[part] === undefined || here[part] === undefined || made[part] === here[part]) continue
    const drift: Drift = majorOf(made[part]) === majorOf(here[part]) ? 'minor' : 'major'
    found.push({ drift, note: `made by ${name} ${made[part]}, opened by ${here[part]}` })
  }
  for (const [part, name] of Object.entries(systems)) {
    if (made[part] === undefined || here[part] === undefined || made[part] === here[part]) continue
    found.push({ drift: 'minor', note: `made on another ${name} (${made[part]}, here ${here[part]})` })
  }
  if (made.routewright === undefined) found.push({ drift: 'minor', note: 'which release made it is not known' })
  const drift = found.some((one) => one.drift === 'major') ? 'major' : found.length > 0 ? 'minor' : 'same'
  return { drift, notes: found.map(({ note }) => note) }
}

/** The first number of a release; text that is none stands for itself, so that two of them differ unless they are equal. */
const majorOf = (release: string): string => /^v?(\d+)\./.exec(release)?.[1] ?? release
