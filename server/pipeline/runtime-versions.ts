/** Which program made a version: compared when it is opened by another. */
import { version } from '../../package.json'
import { engineVersions } from '../engine/cpu'

export function runtimeVersions(): Record<string, string> {
  return { routewright: version, bun: Bun.version, platform: process.platform, arch: process.arch, ...engineVersions() }
}
