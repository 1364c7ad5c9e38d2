import type { QualityReport } from '../../contract/quality'
export function reportHtml(_report: QualityReport): string { return '' }
