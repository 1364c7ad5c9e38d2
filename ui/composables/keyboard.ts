/** Single-key shortcuts, and whether an input method is in the middle of a syllable. */
import { defineStore } from 'pinia'
import { onBeforeUnmount, onMounted, ref } from 'vue'

export const useKeyboard = defineStore('keyboard', () => {
  /** True between compositionstart and compositionend anywhere on the page. */
  const composing = ref(false)
  const helpOpen = ref(false)
  return { composing, helpOpen }
})

/** Keeps `composing` true to the page. Called once, by the application. */
export function watchComposition(): void {
  const keyboard = useKeyboard()
  const start = () => {
    keyboard.composing = true
  }
  const end = () => {
    keyboard.composing = false
  }
  onMounted(() => {
    document.addEventListener('compositionstart', start)
    document.addEventListener('compositionend', end)
  })
  onBeforeUnmount(() => {
    document.removeEventListener('compositionstart', start)
    document.removeEventListener('compositionend', end)
  })
}

/** True where a letter belongs to a text: fields, editable places, an open list or dialog's own keys. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target.closest('dialog')) return true
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'range', 'button'].includes(target.type)
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

/** The second key of a pair follows the first within this time. */
const PAIR_MS = 1_500
/** Begins every pair: what follows it is never a key of its own, also where another part of the page knows the pair. */
const PAIR_START = 'g'

/** `keys`: a character, or two with a blank between them (`g q`), → act. Off while typing, composing, or with a modifier held. */
export function useShortcuts(keys: Record<string, () => void>): void {
  let before = { key: '', at: 0 }
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return
    const second = before.key === PAIR_START && event.timeStamp - before.at < PAIR_MS
    const act = keys[second ? `${PAIR_START} ${event.key}` : event.key]
    before = { key: second ? '' : event.key, at: event.timeStamp }
    if (!act) return
    event.preventDefault()
    act()
  }
  onMounted(() => document.addEventListener('keydown', press))
  onBeforeUnmount(() => document.removeEventListener('keydown', press))
}
