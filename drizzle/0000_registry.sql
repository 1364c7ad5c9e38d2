CREATE TABLE `activations` (
	`epoch` integer PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`from_version` text,
	`to_version` text NOT NULL,
	`who` text NOT NULL,
	`why` text NOT NULL,
	`at` integer NOT NULL,
	FOREIGN KEY (`from_version`) REFERENCES `model_versions`(`version`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`to_version`) REFERENCES `model_versions`(`version`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "activations_kind" CHECK("kind" in ('activate', 'rollback', 'auto_rollback', 'boot_fallback'))
);
--> statement-breakpoint
CREATE TABLE `audit` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`details` text NOT NULL,
	`prev_hash` text NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `audit_hash_unique` ON `audit` (`hash`);--> statement-breakpoint
CREATE TABLE `boot_attempts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`version` text NOT NULL,
	`pid` integer NOT NULL,
	`at` integer NOT NULL,
	FOREIGN KEY (`version`) REFERENCES `model_versions`(`version`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `file_stamps` (
	`path` text PRIMARY KEY NOT NULL,
	`dev` text NOT NULL,
	`ino` text NOT NULL,
	`size` integer NOT NULL,
	`mtime_ns` text NOT NULL,
	`ctime_ns` text NOT NULL,
	`sha256` text NOT NULL,
	`verified_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `model_state` (
	`id` integer PRIMARY KEY NOT NULL,
	`active_version` text,
	`previous_version` text,
	`epoch` integer NOT NULL,
	`changed_at` integer,
	FOREIGN KEY (`active_version`) REFERENCES `model_versions`(`version`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`previous_version`) REFERENCES `model_versions`(`version`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "model_state_one_row" CHECK("id" = 1),
	CONSTRAINT "model_state_epoch" CHECK("epoch" >= 0),
	CONSTRAINT "model_state_previous" CHECK("previous_version" is null or "previous_version" <> "active_version")
);
--> statement-breakpoint
CREATE TABLE `model_versions` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`version` text NOT NULL,
	`status` text NOT NULL,
	`notes` text DEFAULT '' NOT NULL,
	`manifest_path` text NOT NULL,
	`manifest_sha256` text NOT NULL,
	`manifest_text` text NOT NULL,
	`bytes` integer NOT NULL,
	`counts` text NOT NULL,
	`recall` text NOT NULL,
	`quality` text,
	`training_run` integer,
	`created_at` integer NOT NULL,
	`registered_at` integer NOT NULL,
	`activated_at` integer,
	`failure_code` text,
	`failure_reason` text,
	FOREIGN KEY (`training_run`) REFERENCES `training_runs`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "model_versions_status" CHECK("status" in ('registered', 'active', 'retired', 'failed')),
	CONSTRAINT "model_versions_sha256" CHECK(length("manifest_sha256") = 64),
	CONSTRAINT "model_versions_failure" CHECK(("status" = 'failed') = ("failure_code" is not null))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `model_versions_version_unique` ON `model_versions` (`version`);--> statement-breakpoint
CREATE UNIQUE INDEX `model_versions_one_active` ON `model_versions` (`status`) WHERE "status" = 'active';--> statement-breakpoint
CREATE TABLE `training_runs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`status` text NOT NULL,
	`pid` integer NOT NULL,
	`host` text NOT NULL,
	`command` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	`version` text,
	`failure_code` text,
	`failure_reason` text,
	CONSTRAINT "training_runs_status" CHECK("status" in ('running', 'done', 'failed', 'aborted'))
);
--> statement-breakpoint
CREATE INDEX `training_runs_by_status` ON `training_runs` (`status`);