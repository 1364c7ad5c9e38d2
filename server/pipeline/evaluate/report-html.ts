/** A quality report as one page for people: English and Korean, light and dark, on paper; no script and no request. */
import type { QualityReport } from '../../contract/quality'
import { escapeText, words } from '../../domain/plot/svg'
import { choiceSection, methodSection, weightSection } from './report/choice-sections'
import { headline } from './report/headline'
import { say } from './report/markup'
import { searchSection } from './report/search-section'
import { confidenceSection, decaySection, sequenceSection } from './report/sequence-sections'
import { style } from './report/style'
import { timeSection } from './report/time-section'

export interface ReportOptions {
  /** Of which version the report speaks; an evaluation has none. */
  version?: string | null
  /** The language that is shown first. */
  lang?: 'en' | 'ko'
}

export function reportHtml(report: QualityReport, { version = null, lang = 'en' }: ReportOptions = {}): string {
  const about = [report.measured.mapping, version, report.measured.at?.slice(0, 10)].filter((text) => text !== null && text !== undefined)
  const title = words('How good are the drafts?', '초안은 얼마나 믿을 만한가?')
  const choice = (value: 'en' | 'ko', label: string) =>
    `<label><input type="radio" name="language" id="language-${value}"${value === lang ? ' checked' : ''}> ${label}</label>`
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeText(`${title[lang]} ${about.join(', ')}`)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header><h1>${say(title)}<small>${escapeText(about.join(' · '))}</small></h1><fieldset><legend>Language 언어</legend>${choice('en', 'English')}${choice('ko', '한국어')}</fieldset></header>
<main>
${[
  headline(report),
  sequenceSection(report),
  confidenceSection(report),
  decaySection(report),
  timeSection(report),
  searchSection(report),
  weightSection(report),
  choiceSection(report),
  methodSection(report),
].join('\n')}
</main>
<footer>Routewright</footer>
</body>
</html>
`
}
