/**
 * Standard routings: templates that a plant keeps, found by a part's attributes. The rules are data of the mapping
 * (`standardRoutings`): conditions on its attributes, a code put together from parts, and where the steps come from.
 * How to write them: bench/quality/mappings/README.md.
 */
import { type Static, Type } from '@sinclair/typebox'
import { Nullable, strict } from './schema'

/** Rules cost each prediction a look, so they are bounded; a pattern is bounded in itself and in the text that it is tried on. */
export const standardRoutingLimits = {
  rulesMax: 500,
  conditionsMax: 32,
  valuesMax: 1_000,
  partsMax: 32,
  casesMax: 64,
  stepsMax: 500,
  idCharactersMax: 64,
  textCharactersMax: 128,
  patternCharactersMax: 256,
  /** Only the beginning of a value is matched. */
  matchedCharactersMax: 512,
  /** A code is an item's key where it names a template. */
  codeCharactersMax: 256,
} as const

const limits = standardRoutingLimits
const Attribute = Type.String({ minLength: 1, maxLength: 128 })
const Text = Type.String({ maxLength: limits.textCharactersMax })
const Pattern = Type.String({ minLength: 1, maxLength: limits.patternCharactersMax })

/**
 * One attribute, and all that must hold of its value. Values are the parsed ones: numbers in the feature's unit, texts
 * trimmed. An unknown value decides nothing and the rule stays silent, unless `known` says what follows from it.
 */
export const RuleCondition = Type.Object(
  {
    attribute: Attribute,
    /** One of these values. */
    in: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Number()]), { minItems: 1, maxItems: limits.valuesMax })),
    /** Regular expression (Unicode) found anywhere in a text; anchor it with ^ and $. */
    matches: Type.Optional(Pattern),
    /** Numbers: min ≤ value ≤ max, above < value < below. */
    min: Type.Optional(Type.Number()),
    max: Type.Optional(Type.Number()),
    above: Type.Optional(Type.Number()),
    below: Type.Optional(Type.Number()),
    /** true: an unknown value fails the condition; false: the condition is that the value is unknown. */
    known: Type.Optional(Type.Boolean()),
  },
  strict,
)
export type RuleCondition = Static<typeof RuleCondition>
const Conditions = Type.Array(RuleCondition, { maxItems: limits.conditionsMax })

/** A constant text; the value of an attribute; or the text of the first case whose conditions all hold, else `otherwise`. */
export const CodePart = Type.Union([
  Text,
  Type.Object({ attribute: Attribute }, strict),
  Type.Object(
    {
      cases: Type.Array(Type.Object({ when: Conditions, text: Text }, strict), { minItems: 1, maxItems: limits.casesMax }),
      /** Without it a part that fits no case keeps the rule silent. */
      otherwise: Type.Optional(Text),
    },
    strict,
  ),
])
export type CodePart = Static<typeof CodePart>

/** A step that the routing has when its conditions hold and the rule's code matches `code`. */
export const RuleStep = Type.Object(
  {
    /** Operation code as the plant's routings write it. */
    operation: Type.String({ minLength: 1, maxLength: 128 }),
    when: Type.Optional(Conditions),
    code: Type.Optional(Pattern),
  },
  strict,
)
export type RuleStep = Static<typeof RuleStep>

export const RuleTitle = Type.Object({ en: Type.Optional(Text), ko: Type.Optional(Text) }, strict)
export type RuleTitle = Static<typeof RuleTitle>

/** The first rule that fires decides. `template`, `steps` or both; the template goes first. */
export const StandardRoutingRule = Type.Object(
  {
    /** STD-001 */
    id: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$', maxLength: limits.idCharactersMax }),
    title: Type.Optional(RuleTitle),
    /** All must hold; a rule without conditions is for every item. */
    when: Type.Optional(Conditions),
    code: Type.Array(CodePart, { minItems: 1, maxItems: limits.partsMax }),
    /** The steps are those of the item whose key is the code (a pseudo-item of the item master), by its first routing. */
    template: Type.Optional(Type.Boolean()),
    /** The steps where there is no such item. */
    steps: Type.Optional(Type.Array(RuleStep, { minItems: 1, maxItems: limits.stepsMax })),
  },
  strict,
)
export type StandardRoutingRule = Static<typeof StandardRoutingRule>

export const StandardRoutingRules = Type.Array(StandardRoutingRule, { maxItems: limits.rulesMax })

const Tries = { asked: Type.Integer(), right: Type.Integer() }
/** Items on which a rule fired at training, and on how many of them its routing was one of the item's own. */
export const RuleRecord = Type.Object({
  ...Tries,
  /** The same by how many unknown attributes the rule went past (index), with each item asked once more with some blanked. */
  assuming: Type.Array(Type.Object(Tries)),
  /** Operations of its steps that no routing of the plant has: an item that would need one is left without the rule. */
  unknownOperations: Type.Optional(Type.Array(Type.String(), { maxItems: limits.stepsMax })),
})
export type RuleRecord = Static<typeof RuleRecord>

/** The standard routing that a candidate is, or agrees with. */
export const StandardRouting = Type.Object({
  /** Id of the rule in the mapping. */
  rule: Type.String(),
  /** The standard-routing code, `RTG-GLAND1<-2/1PL`. */
  code: Type.String(),
  title: Nullable(RuleTitle),
})
export type StandardRouting = Static<typeof StandardRouting>
