/** The query that is being written and the one that was asked last. Lives as long as the page, so going to an item and back loses nothing. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Form, Item } from '../../server/contract/item'
import { limits } from '../../server/contract/limits'
import type { PredictRequest } from '../../server/contract/predict'
import type { Filter } from './filter'
import { parsePaste } from './paste'
import { attributeText, defaultOptions, filledAttributes, predictRequest, type Question, type SearchOptions, sameQuestion } from './request'
import { asFormWrites } from './unit'

export const queryModes = ['attributes', 'paste', 'item'] as const
export type QueryMode = (typeof queryModes)[number]

const itemTexts = ({ attributes }: Item): Record<string, string> =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, attributeText(value)]))

export const useQueryStore = defineStore('query', () => {
  const mode = ref<QueryMode>('attributes')
  const values = ref<Record<string, string>>({})
  const pastedText = ref('')
  const pastedRow = ref(0)
  const item = ref('')
  const options = ref<SearchOptions>(defaultOptions())
  /** Similar items that a person ruled out as evidence, in the order of ruling. */
  const without = ref<string[]>([])
  /** Which items may be evidence. */
  const filter = shallowRef<Filter>({})
  const form = shallowRef<Form>()
  const submitted = shallowRef<PredictRequest | null>(null)

  const pasted = computed(() => parsePaste(pastedText.value, form.value?.fields ?? [], { row: pastedRow.value }))
  const pastedValues = computed(() => Object.fromEntries(pasted.value.recognised.map(({ attribute, value }) => [attribute, value])))

  /** What would be asked now; null while nothing is filled. */
  const question = computed((): Question | null => {
    if (mode.value === 'item') return item.value.trim() === '' ? null : { item: item.value.trim() }
    const attributes = filledAttributes(mode.value === 'paste' ? pastedValues.value : values.value, form.value)
    return attributes && { attributes }
  })
  const request = computed(
    () => question.value && predictRequest(question.value, options.value, { without: without.value, filter: filter.value }),
  )
  /** True when the fields no longer say what was asked. */
  const changed = computed(() => submitted.value !== null && JSON.stringify(request.value) !== JSON.stringify(submitted.value))

  function submit(): boolean {
    if (request.value === null) return false
    submitted.value = request.value
    return true
  }
  /** Asks again at once when the same part was asked about before: the answer follows what a person moves beside it. */
  function follow(): void {
    if (changed.value && sameQuestion(request.value, submitted.value)) submit()
  }
  function leaveOut(code: string): void {
    if (!without.value.includes(code) && without.value.length < limits.withoutMax) without.value = [...without.value, code]
  }
  function takeBack(code: string): void {
    without.value = without.value.filter((left) => left !== code)
  }
  function askItem(code: string): void {
    if (code !== item.value) without.value = []
    mode.value = 'item'
    item.value = code
    submit()
  }
  function edit(next: Record<string, string>): void {
    values.value = next
    mode.value = 'attributes'
  }
  function startFrom(known: Item): void {
    edit(itemTexts(known))
    without.value = []
    submitted.value = null
  }
  /** What the last question stands on, as texts. `known`: its item, when it was asked by code. */
  const standing = (known: Item | null): Record<string, string> =>
    ({ item: known ? itemTexts(known) : {}, paste: pastedValues.value, attributes: values.value })[mode.value]
  /** Takes changed values, in the mapping's units, into the form. */
  function take(
    changes: readonly { attribute: string; from: string | number | null; to: string | number | null }[],
    known: Item | null,
  ): void {
    const stands = standing(known)
    const fields = new Map(form.value?.fields.map((field) => [field.name, field]))
    const taken = changes.map((change) => [change.attribute, attributeText(asFormWrites(change, fields.get(change.attribute), stands))])
    edit({ ...stands, ...Object.fromEntries(taken) })
  }
  function clear(): void {
    if (mode.value === 'attributes') values.value = {}
    if (mode.value === 'paste') pastedText.value = ''
    if (mode.value === 'item') item.value = ''
    pastedRow.value = 0
    without.value = []
    submitted.value = null
  }

  return {
    mode,
    values,
    pastedText,
    pastedRow,
    pasted,
    pastedValues,
    item,
    options,
    without,
    filter,
    form,
    submitted,
    question,
    request,
    changed,
    submit,
    follow,
    leaveOut,
    takeBack,
    askItem,
    edit,
    startFrom,
    standing,
    take,
    clear,
  }
})
