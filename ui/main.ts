/** Starts the screens. Nothing here or below asks any other host than the one that served the page. */
import '@fontsource-variable/noto-sans-kr'
import './styles.css'
import ui from '@nuxt/ui/vue-plugin'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { createMessages } from './i18n'
import { createScreens } from './router'

const queries = new QueryClient({
  defaultOptions: { queries: { retry: false, retryOnMount: false, refetchOnWindowFocus: false, networkMode: 'always' } },
})

createApp(App)
  .use(createPinia())
  .use(createMessages())
  .use(createScreens())
  .use(VueQueryPlugin, { queryClient: queries })
  .use(ui)
  .mount('#app')
