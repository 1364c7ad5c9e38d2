-- The audit and the ledger only grow. A replaced row would slip past a delete trigger, so an insert must also be the next one.
CREATE TRIGGER audit_is_next BEFORE INSERT ON audit
WHEN NEW.id <> (SELECT coalesce(max(id), 0) + 1 FROM audit)
  OR NEW.prev_hash <> coalesce((SELECT hash FROM audit ORDER BY id DESC LIMIT 1), '')
BEGIN SELECT raise(ABORT, 'audit is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'audit is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'audit is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER activations_is_next BEFORE INSERT ON activations
WHEN NEW.epoch <> (SELECT coalesce(max(epoch), 0) + 1 FROM activations)
BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER activations_no_update BEFORE UPDATE ON activations
BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
--> statement-breakpoint
CREATE TRIGGER activations_no_delete BEFORE DELETE ON activations
BEGIN SELECT raise(ABORT, 'the ledger is append-only'); END;
--> statement-breakpoint
INSERT INTO model_state (id, epoch) VALUES (1, 0);
