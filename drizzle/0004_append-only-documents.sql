-- Revisions only grow, one by one; a changed or missing one would make an answer's configuration unknowable.
CREATE TRIGGER document_revisions_is_next BEFORE INSERT ON document_revisions
WHEN NEW.revision <> (SELECT coalesce(max(revision), 0) + 1 FROM document_revisions WHERE document_id = NEW.document_id)
BEGIN SELECT raise(ABORT, 'revisions are append-only'); END;
--> statement-breakpoint
CREATE TRIGGER document_revisions_no_update BEFORE UPDATE ON document_revisions
BEGIN SELECT raise(ABORT, 'revisions are append-only'); END;
--> statement-breakpoint
CREATE TRIGGER document_revisions_no_delete BEFORE DELETE ON document_revisions
BEGIN SELECT raise(ABORT, 'revisions are append-only'); END;
