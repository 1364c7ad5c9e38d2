/** Names of versions and the folders they stand for. A name from outside reaches the disk only through here. */
import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { versionPattern } from '../contract/manifest'
import { DomainError } from '../domain/error'

const pattern = new RegExp(versionPattern)

export const isVersionName = (name: string): boolean => pattern.test(name) && !/[\r\n]/.test(name)

/** `YYYY.MM.DD` of a moment in the machine's time zone: the day that people at the plant would call it. */
export function versionDay(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${String(now.getFullYear()).padStart(4, '0')}.${two(now.getMonth() + 1)}.${two(now.getDate())}`
}

/** The next whole number after those that names of this day carry, from 1. */
export function nextBuild(day: string, names: Iterable<string>): string {
  let highest = 0
  for (const name of names) {
    const build = name.startsWith(`${day}_`) ? name.slice(day.length + 1) : ''
    if (/^\d{1,9}$/.test(build)) highest = Math.max(highest, Number(build))
  }
  return String(highest + 1)
}

/**
 * The folder of a version. Throws `version_unknown` for a name that is no version name, `artifact_missing` when there is no
 * folder, `artifact_corrupt` when it leads out of the models folder (a symbolic link).
 */
export async function versionDirectory(modelsDirectory: string, version: string): Promise<string> {
  if (!isVersionName(version)) throw new DomainError('version_unknown', 'no such version')
  const directory = join(modelsDirectory, version)
  let real: string
  try {
    real = await realpath(directory)
  } catch (cause) {
    throw new DomainError('artifact_missing', `the folder of version ${version} is missing`, {
      details: [{ path: version, message: 'folder missing' }],
      cause,
    })
  }
  if (real !== join(await realpath(modelsDirectory), version)) {
    throw new DomainError('artifact_corrupt', `the folder of version ${version} is a link`, {
      details: [{ path: version, message: 'symbolic link' }],
    })
  }
  return real
}
