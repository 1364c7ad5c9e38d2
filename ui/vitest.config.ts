/** Component tests: the same build, in a small DOM. */
import { join } from 'node:path'
import { mergeConfig } from 'vitest/config'
import screens from './vite.config.ts'

export default mergeConfig(screens, {
  test: {
    dir: join(import.meta.dirname, '../tests/ui'),
    include: ['**/*.vitest.ts'],
    environment: 'happy-dom',
    // Under Bun only threads work.
    pool: 'threads',
    server: { deps: { inline: ['@nuxt/ui'] } },
  },
})
