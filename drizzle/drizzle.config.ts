/** `bunx drizzle-kit generate --config drizzle/drizzle.config.ts --name what-changes` writes a migration from server/store/schema.ts. */
import { defineConfig } from 'drizzle-kit'

export default defineConfig({ dialect: 'sqlite', schema: './server/store/schema.ts', out: './drizzle' })
