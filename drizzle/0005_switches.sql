ALTER TABLE `model_versions` ADD `deleted_at` integer;--> statement-breakpoint
ALTER TABLE `probation_counts` ADD `slow` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `worker_states` ADD `draining` integer DEFAULT 0 NOT NULL;