/** What people read on a narrow terminal: sentences folded between words, tables that keep their shape or become blocks. */
import { describe, expect, test } from 'bun:test'
import { formatTable } from '../../server/cli/table'
import { folded } from '../../server/cli/terminal'

const widest = (text: string) => Math.max(...text.split('\n').map((line) => Bun.stringWidth(line)))

describe('a long line', () => {
  test('is folded between words and loses none', () => {
    const text = 'Version 2026.11.21_2 is registered (2.81 s). It is not active yet: routewright models activate 2026.11.21_2'
    for (const width of [24, 40, 60]) {
      expect(widest(folded(text, width))).toBeLessThanOrEqual(width)
      expect(folded(text, width).split(/\s+/)).toEqual(text.split(/\s+/))
    }
    expect(folded(text, 200)).toBe(text)
  })
  test('goes on below its text, not below what stands in front of it', () => {
    expect(folded('  - a reason that is too long', 16)).toBe('  - a reason\n  that is too\n  long')
    expect(folded('ok    disk of this machine', 16)).toBe('ok    disk of\n      this\n      machine')
  })
  test('keeps a path whole, and text that is no line for a terminal as it is', () => {
    expect(folded('copied to /srv/routewright/db/backups/x.sqlite now', 20)).toBe('copied to\n/srv/routewright/db/backups/x.sqlite\nnow')
    expect(folded('a b c', undefined)).toBe('a b c')
  })
  test('counts cells: Hangul takes two, colours none', () => {
    expect(widest(folded('가나다 라마바 사아자', 13))).toBeLessThanOrEqual(13)
    expect(folded('\u001b[36m12345\u001b[39m 12345', 11)).toBe('\u001b[36m12345\u001b[39m 12345')
  })
})

describe('a table', () => {
  const rows = [
    { name: 'item, one unseen value: calibration error', a: '0.05096', note: 'kept' },
    { name: 'run: MAE, min', a: '2.922', note: '' },
  ]
  const columns = [
    { title: 'Figure', cell: (row: (typeof rows)[number]) => row.name },
    { title: 'Before', cell: (row: (typeof rows)[number]) => row.a, align: 'right' as const },
    { title: 'Note', cell: (row: (typeof rows)[number]) => row.note },
  ]
  test('is as wide as it needs where nobody says how wide', () => {
    expect(formatTable(rows, columns, { width: undefined }).split('\n')).toHaveLength(3)
  })
  test('that is a little too wide folds its first column', () => {
    const text = formatTable(rows, columns, { width: 46 })
    expect(widest(text)).toBeLessThanOrEqual(46)
    expect(text.split('\n')[1]).toMatch(/^item, one unseen value: +0\.05096 {2}kept$/)
    expect(text.split('\n')[2]).toBe('calibration error')
  })
  test('that is much too wide becomes a block a row, without empty cells', () => {
    expect(formatTable(rows, columns, { width: 30 })).toBe(
      'Figure  item, one unseen\n        value: calibration\n        error\nBefore  0.05096\nNote    kept\n\nFigure  run: MAE, min\nBefore  2.922',
    )
  })
})
