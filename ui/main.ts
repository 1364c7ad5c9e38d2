/** Starts the screens. Nothing here or below asks any other host than the one that served the page. */
import '@fontsource-variable/noto-sans-kr'
import './styles.css'
import ui from '@nuxt/ui/vue-plugin'
import { QueryCache, QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { toProblem } from './composables/api'
import { guard } from './composables/guard'
import { useSession } from './composables/session'
import { createMessages } from './i18n'
import { createScreens } from './router'

const queries: QueryClient = new QueryClient({
  // who is not answered learns at once whether anybody is there: the state of the connection does not wait for its turn
  queryCache: new QueryCache({
    onError: (error, { queryKey }) => {
      if (queryKey[0] === 'ready' || toProblem(error).code !== 'offline') return
      queries.invalidateQueries({ queryKey: ['ready'] }, { cancelRefetch: false })
    },
  }),
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
