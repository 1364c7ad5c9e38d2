/** Starts the screens. Nothing here or below asks any other host than the one that served the page. */
import '@fontsource-variable/noto-sans-kr'
import './styles.css'
import ui from '@nuxt/ui/vue-plugin'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { guard } from './composables/guard'
import { useSession } from './composables/session'
import { createMessages } from './i18n'
import { createScreens } from './router'

const queries = new QueryClient({
  defaultOptions: { queries: { retry: false, retryOnMount: false, refetchOnWindowFocus: false, networkMode: 'always' } },
})

const stores = createPinia()

createApp(App)
  .use(stores)
  .use(createMessages())
  .use(guard(createScreens(), useSession(stores)))
  .use(VueQueryPlugin, { queryClient: queries })
  .use(ui)
  .mount('#app')
