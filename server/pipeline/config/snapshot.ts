/** A valid configuration with all that is derived from it. Immutable: a request takes one and never looks back. */
import type { DocumentRevision } from '../../contract/document'
import type { CurrentConfig, RuntimeConfig } from '../../contract/runtime-config'
import { defaultRuntimeConfig, parseRuntimeConfig } from '../../domain/runtime-config'
import { defaultSettings, type Settings, settingsOf } from '../../domain/settings'
import { diffValues } from '../../domain/value-diff'
import type { StoredRevision } from '../../store/document'

export interface ConfigSnapshot {
  revision: number
  /** Over the text of the revision. */
  sha256: string
  config: RuntimeConfig
  settings: Settings
  /** Who, when and why; null for the defaults. */
  head: DocumentRevision | null
}

/** The profile that there is of this kind. */
export const configDocument = { kind: 'runtime_config', name: 'default' } as const

const defaultText = JSON.stringify(defaultRuntimeConfig)

/** Revision 0. */
export const defaultSnapshot: ConfigSnapshot = Object.freeze({
  revision: 0,
  sha256: new Bun.CryptoHasher('sha256').update(defaultText).digest('hex'),
  config: defaultRuntimeConfig,
  settings: defaultSettings,
  head: null,
})

/** @throws invalid_value when the stored text is no valid configuration (of this release) */
export function openSnapshot(stored: StoredRevision): ConfigSnapshot {
  const config = parseRuntimeConfig(contentOf(stored))
  const { content: _content, ...head } = stored
  const { revision, sha256 } = head
  return Object.freeze({ revision, sha256, config, settings: settingsOf(revision, config), head: Object.freeze(head) })
}

/** What a revision says, not yet looked at; null where it is no JSON. */
export function contentOf(stored: StoredRevision | null): unknown {
  if (stored === null) return defaultRuntimeConfig
  try {
    return JSON.parse(stored.content)
  } catch {
    return null
  }
}

/** As the API shows it. */
export const showSnapshot = ({ revision, sha256, config }: ConfigSnapshot): CurrentConfig => ({
  revision,
  sha256,
  config,
  defaults: defaultRuntimeConfig,
  changed: diffValues(defaultRuntimeConfig, config),
})
