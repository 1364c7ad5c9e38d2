import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseTraceParent } from '../../server/domain/trace'

const hex = (length: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length })

test('a well-formed traceparent goes on', () => {
  fc.assert(
    fc.property(hex(32), hex(16), hex(2), (trace, span, flags) => {
      fc.pre(!/^0+$/.test(trace) && !/^0+$/.test(span))
      expect(parseTraceParent(`00-${trace}-${span}-${flags}`)).toEqual({
        traceId: trace,
        sampled: Number.parseInt(flags, 16) % 2 === 1,
      })
    }),
  )
})

test.each([
  null,
  '',
  '00',
  `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`,
  'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x',
  '00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-011',
])('what is not well-formed begins a new trace: %p', (text) => {
  expect(parseTraceParent(text)).toBeNull()
})
