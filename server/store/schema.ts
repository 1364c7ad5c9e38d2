/**
 * All tables. What must never happen is forbidden here, by the database itself: two active versions, a second state row, a
 * changed audit row or revision (triggers in the migrations `append-only…`). Times are Unix milliseconds.
 */
export * from './account-tables'
export * from './document-tables'
export * from './record-tables'
export * from './registry-tables'
export * from './serving-tables'
export * from './training-tables'
