CREATE TABLE `trainer_states` (
	`id` integer PRIMARY KEY NOT NULL,
	`pid` integer NOT NULL,
	`host` text NOT NULL,
	`started_at` integer NOT NULL,
	`seen_at` integer NOT NULL,
	CONSTRAINT "trainer_states_one_row" CHECK("id" = 1)
);
