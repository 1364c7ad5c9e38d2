/** What happened to the service in a stretch of time: switches of the version and changes of the configuration. */
import { and, asc, eq, gte, lt } from 'drizzle-orm'
import type { Annotation } from '../contract/dashboard'
import type { Db } from './open'
import { activations, documentRevisions, documents } from './schema'

export interface AnnotationQuery {
  from: Date
  to: Date
  /** Of each kind. */
  limit: number
}

/** In the order in which they happened. */
export function listAnnotations(db: Db, { from, to, limit }: AnnotationQuery): Annotation[] {
  const switches = db
    .select({ at: activations.at, to: activations.toVersion, kind: activations.kind, who: activations.who, why: activations.why })
    .from(activations)
    .where(and(gte(activations.at, from.getTime()), lt(activations.at, to.getTime())))
    .orderBy(asc(activations.epoch))
    .limit(limit)
    .all()
    .map(({ at, to, kind, who, why }) => ({ at, kind: 'version' as const, label: to, activation: kind, who, why }))
  const changes = db
    .select({
      at: documentRevisions.at,
      revision: documentRevisions.revision,
      author: documentRevisions.author,
      note: documentRevisions.note,
    })
    .from(documentRevisions)
    .innerJoin(documents, eq(documents.id, documentRevisions.documentId))
    .where(
      and(
        eq(documents.kind, 'runtime_config'),
        eq(documents.active, true),
        gte(documentRevisions.at, from.getTime()),
        lt(documentRevisions.at, to.getTime()),
      ),
    )
    .orderBy(asc(documentRevisions.revision))
    .limit(limit)
    .all()
    .map(({ at, revision, author, note }) => ({
      at,
      kind: 'config' as const,
      label: String(revision),
      activation: null,
      who: author,
      why: note,
    }))
  return [...switches, ...changes].sort((a, b) => a.at - b.at).map((one) => ({ ...one, at: new Date(one.at).toISOString() }))
}
