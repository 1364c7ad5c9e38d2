/** How the screens are built, served while developing and tested. Build with Bun only: Node gives the same source other hashes. */
import ui from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { fixturePlant } from './dev/fixture-plant.ts'

/** The server that `vite` forwards the API to; without it the development server answers from the fixture plant. */
const server = process.env.ROUTEWRIGHT_URL

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    vue(),
    ui({
      // Explicit imports: a file shows what it uses.
      components: false,
      autoImport: false,
      dts: false,
      // Every icon travels in the bundle: without this the kit asks a foreign host.
      icon: { clientBundle: { scan: true } },
      experimental: { componentDetection: true },
      ui: {
        colors: { primary: 'cyan', neutral: 'slate', error: 'red', warning: 'amber', success: 'emerald', info: 'sky' },
        button: { slots: { base: 'cursor-pointer font-medium' } },
        inputMenu: { slots: { item: 'text-[13px]', content: 'max-h-72' }, variants: { size: { sm: { base: 'text-[13px]' } } } },
        input: { variants: { size: { sm: { base: 'text-[13px]' } } } },
      },
    }),
    ...(server ? [] : [fixturePlant()]),
  ],
  server: server
    ? { proxy: Object.fromEntries(['/api', '/health', '/readyz', '/livez'].map((path) => [path, { target: server, changeOrigin: true }])) }
    : {},
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The content security policy allows no data: fonts or scripts.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
})
