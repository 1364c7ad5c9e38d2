CREATE TABLE `adoptions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`proposal` text NOT NULL,
	`revision` integer NOT NULL,
	`at` integer NOT NULL,
	`who` text,
	`version` text NOT NULL,
	`item` text,
	`confidence` real NOT NULL,
	`abstained` integer NOT NULL,
	`candidate` text,
	`rank` integer,
	`routing` text NOT NULL,
	`exact` integer NOT NULL,
	`first_exact` integer NOT NULL,
	`edit_distance` integer NOT NULL,
	`edit_distance_with_resources` integer,
	`proposed_steps` integer NOT NULL,
	`kept` integer NOT NULL,
	`added` integer NOT NULL,
	`removed` integer NOT NULL,
	`moved` integer NOT NULL,
	CONSTRAINT "adoptions_steps" CHECK("kept" + "removed" = "proposed_steps" and "moved" <= "kept"),
	CONSTRAINT "adoptions_rank" CHECK(("rank" is null) = ("candidate" is null))
);
--> statement-breakpoint
CREATE INDEX `adoptions_by_time` ON `adoptions` (`at`);--> statement-breakpoint
CREATE UNIQUE INDEX `adoptions_revision` ON `adoptions` (`proposal`,`revision`);--> statement-breakpoint
CREATE TABLE `drift_counts` (
	`hour` integer NOT NULL,
	`version` text NOT NULL,
	`counts` text NOT NULL,
	PRIMARY KEY(`hour`, `version`)
);
--> statement-breakpoint
CREATE TABLE `proposals` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`version` text NOT NULL,
	`epoch` integer NOT NULL,
	`item` text,
	`confidence` real NOT NULL,
	`abstained` integer NOT NULL,
	`candidates` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `proposals_id_unique` ON `proposals` (`id`);