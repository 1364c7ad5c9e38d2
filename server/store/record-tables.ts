/** What is kept of answers and of what people made of them. */
import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, real, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'
import type { AdoptionRequest } from '../contract/adoption'

/** What was answered, so that a routing which is saved from it can be compared. Only the newest are kept. */
export const proposals = sqliteTable('proposals', {
  seq: integer('seq').primaryKey({ autoIncrement: true }),
  id: text('id').notNull().unique(),
  version: text('version').notNull(),
  epoch: integer('epoch').notNull(),
  item: text('item'),
  confidence: real('confidence').notNull(),
  abstained: integer('abstained', { mode: 'boolean' }).notNull(),
  /** JSON, parsed by server/pipeline/proposal.ts. */
  candidates: text('candidates').notNull(),
  at: integer('at').notNull(),
})

/** Further numbers under which the same answer was given; with it, only the newest are kept. */
export const proposalRepeats = sqliteTable('proposal_repeats', {
  seq: integer('seq').primaryKey(),
  id: text('id').notNull().unique(),
  /** Number of the proposal whose content it is. */
  proposal: text('proposal').notNull(),
})

/** Requests of one hour per slot of all attributes, see server/domain/marginals.ts. */
export const driftCounts = sqliteTable(
  'drift_counts',
  {
    /** Hours since 1970, UTC. */
    hour: integer('hour').notNull(),
    version: text('version').notNull(),
    counts: text('counts', { mode: 'json' }).$type<number[]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.hour, table.version] })],
)

/** Routings as they were saved; a proposal that is saved again gets a new revision, and the newest counts. */
export const adoptions = sqliteTable(
  'adoptions',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    /** Outlives the proposal's own row. */
    proposal: text('proposal').notNull(),
    revision: integer('revision').notNull(),
    at: integer('at').notNull(),
    who: text('who'),
    version: text('version').notNull(),
    item: text('item'),
    confidence: real('confidence').notNull(),
    abstained: integer('abstained', { mode: 'boolean' }).notNull(),
    candidate: text('candidate'),
    rank: integer('rank'),
    routing: text('routing', { mode: 'json' }).$type<AdoptionRequest['routing']>().notNull(),
    exact: integer('exact', { mode: 'boolean' }).notNull(),
    firstExact: integer('first_exact', { mode: 'boolean' }).notNull(),
    editDistance: integer('edit_distance').notNull(),
    editDistanceWithResources: integer('edit_distance_with_resources'),
    proposedSteps: integer('proposed_steps').notNull(),
    kept: integer('kept').notNull(),
    added: integer('added').notNull(),
    removed: integer('removed').notNull(),
    moved: integer('moved').notNull(),
  },
  (table) => [
    unique('adoptions_revision').on(table.proposal, table.revision),
    index('adoptions_by_time').on(table.at),
    check('adoptions_steps', sql`"kept" + "removed" = "proposed_steps" and "moved" <= "kept"`),
    check('adoptions_rank', sql`("rank" is null) = ("candidate" is null)`),
  ],
)
