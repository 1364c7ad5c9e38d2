/** A text that no plant writes: stands for a value that was never seen, wherever answers to such are measured. */
export const UNSEEN_VALUE = '\u2047unseen\u2047'
