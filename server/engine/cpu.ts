/** What the engine runs on, for health and manifests. */
import { binding, callNative } from './addon'

export interface EngineRuntime {
  /** Version of the addon. */
  addon: string
  /** Version of the library that builds the graph. */
  usearch: string
  /** Arithmetic in use: avx512vnni, avx512bw, avx2, neon-dotprod, neon or portable. */
  kernels: string
  /** All that this processor can run, the fastest first. */
  available: string[]
}

export function engineRuntime(): EngineRuntime {
  return callNative(() => binding.runtime())
}

/** The same for manifests: name → version or path in use. */
export function engineVersions(): Record<string, string> {
  const { addon, usearch, kernels } = engineRuntime()
  return { addon, usearch, kernels }
}
