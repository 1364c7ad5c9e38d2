CREATE TABLE `proposal_repeats` (
	`seq` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`proposal` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `proposal_repeats_id_unique` ON `proposal_repeats` (`id`);