/** A probability in words. The bounds are the screen's, not the model's: the number always stands beside the word. */
export type ConfidenceWord = 'high' | 'medium' | 'low'

export function confidenceWord(probability: number): ConfidenceWord {
  if (probability >= 0.8) return 'high'
  return probability >= 0.5 ? 'medium' : 'low'
}

/** A, B, C … for the candidates of an answer, which has at most ten. */
export const candidateLetter = (index: number): string => String.fromCharCode(65 + index)
