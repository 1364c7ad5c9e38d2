CREATE TABLE `activation_intents` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`version` text NOT NULL,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`if_epoch` integer NOT NULL,
	`who` text NOT NULL,
	`why` text NOT NULL,
	`coordinator` text NOT NULL,
	`started_at` integer NOT NULL,
	`ended_at` integer,
	`failure_code` text,
	`failure_reason` text,
	`steps` text NOT NULL,
	FOREIGN KEY (`version`) REFERENCES `model_versions`(`version`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "activation_intents_status" CHECK("status" in ('preparing', 'probation', 'settled', 'rolled_back', 'aborted', 'failed'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `activation_intents_one_open` ON `activation_intents` ("status" = 'preparing') WHERE "status" = 'preparing';--> statement-breakpoint
CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`secret_hash` text NOT NULL,
	`scopes` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE TABLE `document_revisions` (
	`document_id` integer NOT NULL,
	`revision` integer NOT NULL,
	`content` text NOT NULL,
	`sha256` text NOT NULL,
	`author` text NOT NULL,
	`note` text NOT NULL,
	`at` integer NOT NULL,
	`revert_of` integer,
	PRIMARY KEY(`document_id`, `revision`),
	FOREIGN KEY (`document_id`) REFERENCES `documents`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `documents` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`name` text NOT NULL,
	`revision` integer NOT NULL,
	`active` integer NOT NULL,
	CONSTRAINT "documents_kind" CHECK("kind" in ('runtime_config', 'input_mapping', 'output_mapping', 'predictor_blueprint', 'trainer_blueprint', 'rule_set'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `documents_one_active` ON `documents` (`kind`) WHERE "active" = 1;--> statement-breakpoint
CREATE UNIQUE INDEX `documents_name` ON `documents` (`kind`,`name`);--> statement-breakpoint
CREATE TABLE `intent_answers` (
	`intent_id` integer NOT NULL,
	`boot_id` text NOT NULL,
	`prepared` integer NOT NULL,
	`failure_code` text,
	`failure_reason` text,
	`prepare_ms` real NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`intent_id`, `boot_id`),
	FOREIGN KEY (`intent_id`) REFERENCES `activation_intents`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `known_devices` (
	`device_hash` text NOT NULL,
	`user_id` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	PRIMARY KEY(`device_hash`, `user_id`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `login_throttles` (
	`key` text PRIMARY KEY NOT NULL,
	`failures` integer NOT NULL,
	`window_started_at` integer NOT NULL,
	`tokens` real NOT NULL,
	`updated_at` integer NOT NULL,
	`blocked_until` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `login_throttles_by_time` ON `login_throttles` (`updated_at`);--> statement-breakpoint
CREATE TABLE `minute_stats` (
	`minute` integer NOT NULL,
	`boot_id` text NOT NULL,
	`route` text NOT NULL,
	`version` text NOT NULL,
	`epoch` integer NOT NULL,
	`config_revision` integer NOT NULL,
	`requests` integer NOT NULL,
	`client_errors` integer NOT NULL,
	`server_errors` integer NOT NULL,
	`shed` integer NOT NULL,
	`cache_hits` integer NOT NULL,
	`cache_misses` integer NOT NULL,
	`latency` text NOT NULL,
	PRIMARY KEY(`minute`, `boot_id`, `route`, `version`, `epoch`, `config_revision`)
);
--> statement-breakpoint
CREATE TABLE `probation_counts` (
	`epoch` integer NOT NULL,
	`boot_id` text NOT NULL,
	`requests` integer NOT NULL,
	`failures` integer NOT NULL,
	`empty` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`epoch`, `boot_id`)
);
--> statement-breakpoint
CREATE TABLE `reset_codes` (
	`code_hash` text PRIMARY KEY NOT NULL,
	`user_id` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` integer NOT NULL,
	`refresh_hash` text NOT NULL,
	`previous_refresh_hash` text,
	`refreshed_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ended_at` integer,
	`ended_why` text,
	`user_agent` text DEFAULT '' NOT NULL,
	`address` text DEFAULT '' NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sessions_refresh_hash_unique` ON `sessions` (`refresh_hash`);--> statement-breakpoint
CREATE INDEX `sessions_by_user` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE INDEX `sessions_by_previous` ON `sessions` (`previous_refresh_hash`);--> statement-breakpoint
CREATE TABLE `setup_tokens` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`created_at` integer NOT NULL,
	`used_at` integer
);
--> statement-breakpoint
CREATE TABLE `slow_requests` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`request_id` text NOT NULL,
	`route` text NOT NULL,
	`status` integer NOT NULL,
	`latency_ms` real NOT NULL,
	`threshold_ms` real NOT NULL,
	`version` text,
	`epoch` integer,
	`config_revision` integer,
	`stages` text NOT NULL,
	`details` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `slow_requests_by_time` ON `slow_requests` (`at`);--> statement-breakpoint
CREATE TABLE `training_jobs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`request` text NOT NULL,
	`requested_by` text NOT NULL,
	`schedule` text,
	`attempt` integer NOT NULL,
	`created_at` integer NOT NULL,
	`started_at` integer,
	`ended_at` integer,
	`pid` integer,
	`seen_at` integer,
	`cancel_requested` integer DEFAULT false NOT NULL,
	`progress` text,
	`version` text,
	`failure_code` text,
	`failure_reason` text,
	CONSTRAINT "training_jobs_status" CHECK("status" in ('queued', 'running', 'done', 'failed', 'cancelled')),
	CONSTRAINT "training_jobs_kind" CHECK("kind" in ('train', 'rebuild_index'))
);
--> statement-breakpoint
CREATE INDEX `training_jobs_by_status` ON `training_jobs` (`status`);--> statement-breakpoint
CREATE UNIQUE INDEX `training_jobs_one_running` ON `training_jobs` ("status" = 'running') WHERE "status" = 'running';--> statement-breakpoint
CREATE TABLE `training_schedules` (
	`name` text PRIMARY KEY NOT NULL,
	`cron` text NOT NULL,
	`request` text NOT NULL,
	`enabled` integer NOT NULL,
	`last_enqueued_at` integer,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `users` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`login` text NOT NULL,
	`name` text DEFAULT '' NOT NULL,
	`role` text NOT NULL,
	`status` text NOT NULL,
	`password_hash` text,
	`token_epoch` integer DEFAULT 0 NOT NULL,
	`must_change_password` integer DEFAULT false NOT NULL,
	`ticket_hash` text,
	`created_at` integer NOT NULL,
	`decided_by` text,
	`decided_at` integer,
	`decision_reason` text,
	`last_login_at` integer,
	CONSTRAINT "users_role" CHECK("role" in ('user', 'admin')),
	CONSTRAINT "users_status" CHECK("status" in ('pending', 'active', 'rejected', 'suspended'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_login_unique` ON `users` (`login`);--> statement-breakpoint
CREATE UNIQUE INDEX `users_ticket_hash_unique` ON `users` (`ticket_hash`);--> statement-breakpoint
CREATE INDEX `users_by_status` ON `users` (`status`);--> statement-breakpoint
CREATE TABLE `worker_states` (
	`boot_id` text PRIMARY KEY NOT NULL,
	`worker` integer NOT NULL,
	`pid` integer NOT NULL,
	`started_at` integer NOT NULL,
	`seen_at` integer NOT NULL,
	`version` text,
	`epoch` integer NOT NULL,
	`config_revision` integer NOT NULL,
	`mapped` text NOT NULL,
	`stopping` integer DEFAULT false NOT NULL
);
