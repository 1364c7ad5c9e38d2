/**
 * Estimates how many guesses a password needs, beside the thread that serves: the estimate walks dictionaries and takes up to
 * 0.2 s. Words and their data come with the packages; nothing is asked over a network.
 */
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common'
import { dictionary as english } from '@zxcvbn-ts/language-en'

export interface GuessQuestion {
  id: number
  text: string
  context: string[]
}
export interface GuessAnswer {
  id: number
  /** Decimal logarithm. */
  guesses: number
}

declare const self: Worker

const estimate = new ZxcvbnFactory({ dictionary: { ...common, ...english }, graphs: adjacencyGraphs })

self.onmessage = ({ data: { id, text, context } }: MessageEvent<GuessQuestion>) => {
  const answer: GuessAnswer = { id, guesses: estimate.check(text, context).guessesLog10 }
  self.postMessage(answer)
}
