/**
 * An input mapping profile: how the tables and columns of one plant are read as items, routings, times and work results.
 * Examples for every kind of source lie in bench/quality/mappings. Column references are `column` for the main table of a
 * section, `alias.column` for a joined one.
 */
import { type Static, Type } from '@sinclair/typebox'
import { limits } from './limits'
import { strict } from './schema'
import { StandardRoutingRules } from './standard-routing'

const Name = Type.String({ minLength: 1, maxLength: 128 })
/** A column of the section's table, or `alias.column` of a joined table. */
const ColumnRef = Type.String({ minLength: 1, maxLength: 256 })

/** A column, or one constant for all rows. */
export const ColumnOrValue = Type.Union([ColumnRef, Type.Object({ value: Type.String() }, strict)])
export type ColumnOrValue = Static<typeof ColumnOrValue>

/** Left join: the first matching row of the other table (in source order) is taken; keys are compared as trimmed text. */
export const Join = Type.Object(
  {
    table: Name,
    as: Type.Optional(Name),
    on: Type.Array(Type.Object({ left: ColumnRef, right: ColumnRef }, strict), { minItems: 1, maxItems: 4 }),
  },
  strict,
)
export type Join = Static<typeof Join>

/** Keeps rows whose column is (not) one of the listed texts; null counts as ''. */
export const Filter = Type.Object(
  { column: ColumnRef, in: Type.Optional(Type.Array(Type.String())), notIn: Type.Optional(Type.Array(Type.String())) },
  strict,
)
export type Filter = Static<typeof Filter>

const tableFields = {
  // Table name as the adapter lists it. In a folder `*` matches: `plans/*/plan` unites the plan tables of all folders of `plans`.
  table: Name,
  where: Type.Optional(Type.Array(Filter, { maxItems: 16 })),
  /** One row per part of a list in a cell, before the joins. */
  explode: Type.Optional(Type.Object({ column: ColumnRef, separator: Type.String({ minLength: 1 }) }, strict)),
  joins: Type.Optional(Type.Array(Join, { maxItems: 8 })),
}

export const Unit = Type.Union(
  ['mm', 'cm', 'm', 'inch', 'kg', 'g', 'lb', 'piece', 'none'].map((unit) => Type.Literal(unit)),
  { description: 'Unit that values are converted to' },
)
export const TimeUnit = Type.Union([Type.Literal('s'), Type.Literal('min'), Type.Literal('h'), Type.Literal('day')])
export type TimeUnit = Static<typeof TimeUnit>

const featureFields = {
  column: ColumnRef,
  /** The attribute's name in requests and answers; the column's own name when absent. */
  name: Type.Optional(Name),
  label: Type.Optional(Type.Object({ ko: Type.Optional(Type.String()), en: Type.Optional(Type.String()) }, strict)),
  /** Prior weight, 0 to 10; 1 when absent. */
  weight: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })),
  required: Type.Optional(Type.Boolean()),
  /** Regular expression with one group: the group is the value. */
  pattern: Type.Optional(Type.String({ maxLength: 256 })),
  /** Texts that mean missing, beside '' and null. */
  unknown: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Number()]), { maxItems: 32 })),
}

export const NumberFeature = Type.Object(
  {
    ...featureFields,
    kind: Type.Literal('number'),
    /** Unit of the encoded value; values in other known units (by `unitColumn`) are converted to it. */
    unit: Type.Optional(Type.String({ maxLength: 16 })),
    unitColumn: Type.Optional(ColumnRef),
    /** `log` for sizes and quantities (92.9 is near 93.0, 9 is not), `linear` for the rest; log when absent and all values > 0. */
    scale: Type.Optional(Type.Union([Type.Literal('log'), Type.Literal('linear')])),
  },
  strict,
)
export const CategoryFeature = Type.Object({ ...featureFields, kind: Type.Literal('category') }, strict)
/** A code whose prefixes are a hierarchy: P11-MS-Gld is nearer to P11-MS-X than to P14. */
export const CodeFeature = Type.Object({ ...featureFields, kind: Type.Literal('code') }, strict)
export const TextFeature = Type.Object({ ...featureFields, kind: Type.Literal('text') }, strict)
export const Feature = Type.Union([NumberFeature, CategoryFeature, CodeFeature, TextFeature])
export type Feature = Static<typeof Feature>
export type NumberFeature = Static<typeof NumberFeature>

/** Minutes are computed once, at extraction: value × unit ÷ quantity. */
export const TimeColumn = Type.Object(
  {
    /** A constant where every report is of a fixed time: the pieces made in a shift of 8 h. */
    column: Type.Union([ColumnRef, Type.Object({ value: Type.Number({ minimum: 0 }) }, strict)]),
    unit: TimeUnit,
    /** Where rows differ in their unit: a column and what its texts mean. A blank is `unit`; any other text is unknown. */
    unitBy: Type.Optional(Type.Object({ column: ColumnRef, units: Type.Record(Type.String(), TimeUnit) }, strict)),
    /** The pieces that the time is for: a column or a number; 1 when absent. */
    per: Type.Optional(Type.Union([ColumnRef, Type.Number({ exclusiveMinimum: 0 })])),
    /** Where rows differ in what the time is for (per_piece, per_lot): a column, and per text a number of pieces or a column. */
    perBy: Type.Optional(
      Type.Object(
        {
          column: ColumnRef,
          quantities: Type.Record(Type.String(), Type.Union([ColumnRef, Type.Number({ exclusiveMinimum: 0 })])),
        },
        strict,
      ),
    ),
  },
  strict,
)
export type TimeColumn = Static<typeof TimeColumn>

export const InsideFlag = Type.Object({ column: ColumnRef, inside: Type.Array(Type.String(), { minItems: 1 }) }, strict)

/** Marks the steps that are run once for a whole lot; a blank or any other text marks none. */
export const BatchFlag = Type.Object({ column: ColumnRef, batch: Type.Array(Type.String(), { minItems: 1 }) }, strict)

/** Routings as rows: one row per operation. */
export const RowRoutings = Type.Object(
  {
    form: Type.Literal('rows'),
    ...tableFields,
    item: ColumnRef,
    /** Routing number; all rows of an item are one routing when absent. */
    routing: Type.Optional(ColumnRef),
    /** `variants`: each routing number stands on its own. `history`: numbers are orders; equal step sequences of an item are one routing, with its count. */
    grouping: Type.Optional(Type.Union([Type.Literal('variants'), Type.Literal('history')])),
    sequence: Type.Optional(ColumnRef),
    operation: ColumnOrValue,
    operationName: Type.Optional(ColumnRef),
    processGroup: Type.Optional(ColumnRef),
    workCentre: Type.Optional(ColumnRef),
    resource: Type.Optional(ColumnRef),
    resourceName: Type.Optional(ColumnRef),
    inside: Type.Optional(InsideFlag),
    batch: Type.Optional(BatchFlag),
    partner: Type.Optional(ColumnRef),
    leadTimeDays: Type.Optional(ColumnRef),
    setup: Type.Optional(TimeColumn),
    run: Type.Optional(TimeColumn),
    queue: Type.Optional(TimeColumn),
    wait: Type.Optional(TimeColumn),
    move: Type.Optional(TimeColumn),
    actualSetup: Type.Optional(TimeColumn),
    actualRun: Type.Optional(TimeColumn),
    validFrom: Type.Optional(ColumnRef),
    validTo: Type.Optional(ColumnRef),
  },
  strict,
)
export type RowRoutings = Static<typeof RowRoutings>

/** Routings as lists in a cell: "A+B+C", a JSON list, or several alternatives of either. No times. */
export const ListRoutings = Type.Object(
  {
    form: Type.Literal('list'),
    ...tableFields,
    /** Key column of the item; the item table's own row when absent (same table). */
    item: Type.Optional(ColumnRef),
    column: ColumnRef,
    /** Between operations, for text cells; JSON lists need none. */
    separator: Type.Optional(Type.String({ minLength: 1 })),
    /** Between alternative routings, for text cells; a JSON list of lists is several alternatives. */
    alternativesSeparator: Type.Optional(Type.String({ minLength: 1 })),
  },
  strict,
)
export type ListRoutings = Static<typeof ListRoutings>

/** Reports of work done: actual times, joined to the routing by item, routing number (if mapped), sequence and operation. */
export const WorkResults = Type.Object(
  {
    ...tableFields,
    item: ColumnRef,
    routing: Type.Optional(ColumnRef),
    sequence: Type.Optional(ColumnRef),
    operation: ColumnOrValue,
    resource: Type.Optional(ColumnRef),
    run: Type.Optional(TimeColumn),
    setup: Type.Optional(TimeColumn),
    /** Subtracted from run before the division by the quantity. */
    hold: Type.Optional(TimeColumn),
    reportedAt: Type.Optional(ColumnRef),
  },
  strict,
)
export type WorkResults = Static<typeof WorkResults>

export const Mapping = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: limits.nameCharactersMax }),
    description: Type.Optional(Type.String({ maxLength: 1_000 })),
    items: Type.Object(
      {
        ...tableFields,
        /** The item's key; rows are numbered `1`, `2`, … when absent. Surrounding blanks are no part of a key. */
        key: Type.Optional(ColumnRef),
        title: Type.Optional(ColumnRef),
        /** Column that says which family an item belongs to (group expansion, holding out families). */
        family: Type.Optional(ColumnRef),
      },
      strict,
    ),
    features: Type.Array(Feature, { minItems: 1, maxItems: limits.attributesMax }),
    routings: Type.Union([RowRoutings, ListRoutings]),
    results: Type.Optional(WorkResults),
    /** Templates that the plant keeps, by a part's attributes: proposed where nothing near is known. */
    standardRoutings: Type.Optional(StandardRoutingRules),
    /** Training refuses when more than this share of a table's rows is bad; 0.05 when absent. */
    badRowShareMax: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  },
  { ...strict, $id: 'Mapping' },
)
export type Mapping = Static<typeof Mapping>
