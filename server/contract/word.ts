/** Characters of names that people give. */

/**
 * Letters and digits: Latin, Greek, Cyrillic, Japanese, Chinese, Korean, also in full width. As ranges, because the validator's patterns
 * know no `\p{L}`.
 */
export const word =
  '0-9A-Za-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u024f\\u0370-\\u03ff\\u0400-\\u052f\\u1100-\\u11ff\\u3041-\\u3096\\u30a1-\\u30fa\\u3131-\\u318e\\u4e00-\\u9fff\\uac00-\\ud7a3\\uff10-\\uff19\\uff21-\\uff3a\\uff41-\\uff5a'
