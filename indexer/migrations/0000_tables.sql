CREATE TABLE "blocks" (
	"height" bigint PRIMARY KEY NOT NULL,
	"hash" text NOT NULL,
	"parent_hash" text NOT NULL,
	"timestamp" bigint NOT NULL,
	CONSTRAINT "blocks_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "contract_codes" (
	"address" text NOT NULL,
	"position" bigint NOT NULL,
	"code_hash" text NOT NULL,
	CONSTRAINT "contract_codes_address_position_pk" PRIMARY KEY("address","position")
);
--> statement-breakpoint
CREATE TABLE "contract_events" (
	"block_hash" text NOT NULL,
	"index" integer NOT NULL,
	"height" bigint NOT NULL,
	"position" bigint NOT NULL,
	"timestamp" bigint NOT NULL,
	"signer" text,
	"extrinsic_index" integer,
	"address" text NOT NULL,
	"contract" text NOT NULL,
	"code_hash" text NOT NULL,
	"topics" jsonb NOT NULL,
	"data" text NOT NULL,
	"name" text,
	"fields" jsonb,
	"subject" text,
	"problem" text,
	CONSTRAINT "contract_events_block_hash_index_pk" PRIMARY KEY("block_hash","index")
);
--> statement-breakpoint
CREATE TABLE "contracts" (
	"address" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"code_hash" text NOT NULL,
	"since" bigint NOT NULL,
	CONSTRAINT "contracts_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "cursor" (
	"id" smallint PRIMARY KEY NOT NULL,
	"genesis" text NOT NULL,
	"start" bigint NOT NULL,
	"height" bigint NOT NULL,
	"hash" text NOT NULL,
	"finalized_height" bigint NOT NULL,
	"finalized_hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "extrinsics" (
	"block_hash" text NOT NULL,
	"index" integer NOT NULL,
	"height" bigint NOT NULL,
	"hash" text NOT NULL,
	"signer" text,
	"fee" numeric(39, 0) NOT NULL,
	"success" boolean NOT NULL,
	"error" text,
	"call" text NOT NULL,
	"contract" text,
	"message" text,
	"value" numeric(39, 0) NOT NULL,
	CONSTRAINT "extrinsics_block_hash_index_pk" PRIMARY KEY("block_hash","index")
);
--> statement-breakpoint
CREATE TABLE "undo" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "undo_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"height" bigint NOT NULL,
	"relation" text NOT NULL,
	"key" jsonb NOT NULL,
	"before" jsonb
);
--> statement-breakpoint
CREATE TABLE "collections" (
	"id" bigint PRIMARY KEY NOT NULL,
	"disease" bigint,
	"version" bigint NOT NULL,
	"hash" text NOT NULL,
	"policy" jsonb NOT NULL,
	"closed" boolean NOT NULL,
	"opened_at" bigint NOT NULL,
	"changed_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "disease_pairs" (
	"root_version" bigint NOT NULL,
	"child" bigint NOT NULL,
	"ancestor" bigint NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "disease_pairs_root_version_child_ancestor_pk" PRIMARY KEY("root_version","child","ancestor")
);
--> statement-breakpoint
CREATE TABLE "ontology_roots" (
	"version" bigint PRIMARY KEY NOT NULL,
	"root" text NOT NULL,
	"position" bigint NOT NULL,
	"set_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "parameters" (
	"contract" text NOT NULL,
	"name" text NOT NULL,
	"value" jsonb NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "parameters_contract_name_pk" PRIMARY KEY("contract","name")
);
--> statement-breakpoint
CREATE TABLE "policy_versions" (
	"collection" bigint NOT NULL,
	"version" bigint NOT NULL,
	"hash" text NOT NULL,
	"direction" text,
	"policy" jsonb NOT NULL,
	"difference" jsonb NOT NULL,
	"closes" boolean NOT NULL,
	"position" bigint NOT NULL,
	"set_at" bigint NOT NULL,
	CONSTRAINT "policy_versions_collection_version_pk" PRIMARY KEY("collection","version")
);
--> statement-breakpoint
CREATE TABLE "queued_changes" (
	"collection" bigint PRIMARY KEY NOT NULL,
	"proposal" bigint NOT NULL,
	"version" bigint NOT NULL,
	"hash" text NOT NULL,
	"direction" text NOT NULL,
	"from" numeric(20, 0) NOT NULL,
	"until" numeric(20, 0) NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "consent_versions" (
	"dataset" text NOT NULL,
	"version" bigint NOT NULL,
	"state" text NOT NULL,
	"change" text NOT NULL,
	"custodian" text NOT NULL,
	"payee" text NOT NULL,
	"price" numeric(39, 0) NOT NULL,
	"terms" jsonb,
	"root_version" bigint NOT NULL,
	"expires_at" numeric(20, 0),
	"position" bigint NOT NULL,
	"changed_at" bigint NOT NULL,
	CONSTRAINT "consent_versions_dataset_version_pk" PRIMARY KEY("dataset","version")
);
--> statement-breakpoint
CREATE TABLE "datasets" (
	"id" text PRIMARY KEY NOT NULL,
	"contributor" text NOT NULL,
	"collection" bigint NOT NULL,
	"state" text NOT NULL,
	"version" bigint NOT NULL,
	"root" text,
	"size" numeric(39, 0) NOT NULL,
	"key_commitment" text,
	"custodian" text NOT NULL,
	"payee" text NOT NULL,
	"price" numeric(39, 0) NOT NULL,
	"terms" jsonb,
	"root_version" bigint NOT NULL,
	"expires_at" numeric(20, 0),
	"laboratory" text,
	"registered_at" bigint NOT NULL,
	"changed_at" bigint NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "attestations" (
	"order" text NOT NULL,
	"evidence" text NOT NULL,
	"measurement" text NOT NULL,
	"attested_at" bigint NOT NULL,
	"invalidated_at" bigint,
	"position" bigint NOT NULL,
	CONSTRAINT "attestations_order_evidence_pk" PRIMARY KEY("order","evidence")
);
--> statement-breakpoint
CREATE TABLE "credentials" (
	"grant" text PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"issuer" text NOT NULL,
	"kind" text NOT NULL,
	"scope" text NOT NULL,
	"valid_from" numeric(20, 0) NOT NULL,
	"valid_until" numeric(20, 0) NOT NULL,
	"state" text NOT NULL,
	"presented_at" bigint NOT NULL,
	"ended_at" bigint,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "issuers" (
	"account" text PRIMARY KEY NOT NULL,
	"kinds" integer NOT NULL,
	"withheld" boolean NOT NULL,
	"changed_at" bigint NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "measurements" (
	"measurement" text PRIMARY KEY NOT NULL,
	"referenced" boolean NOT NULL,
	"platform" text,
	"min_tcb_date" numeric(20, 0),
	"label" text,
	"withheld" boolean NOT NULL,
	"changed_at" bigint NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "revocations" (
	"account" text NOT NULL,
	"grant" text NOT NULL,
	"state" text NOT NULL,
	"revoked_at" bigint NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "revocations_account_grant_pk" PRIMARY KEY("account","grant")
);
--> statement-breakpoint
CREATE TABLE "suspensions" (
	"account" text PRIMARY KEY NOT NULL,
	"suspended" boolean NOT NULL,
	"changed_at" bigint NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "verifiers" (
	"account" text PRIMARY KEY NOT NULL,
	"allowed" boolean NOT NULL,
	"withheld" boolean NOT NULL,
	"changed_at" bigint NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notifications" (
	"account" text NOT NULL,
	"position" bigint NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"details" jsonb NOT NULL,
	"notified_at" bigint NOT NULL,
	CONSTRAINT "notifications_account_position_kind_subject_pk" PRIMARY KEY("account","position","kind","subject")
);
--> statement-breakpoint
CREATE TABLE "credits" (
	"order" text NOT NULL,
	"account" text NOT NULL,
	"credited" numeric(39, 0) NOT NULL,
	"withdrawn" numeric(39, 0) NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "credits_order_account_pk" PRIMARY KEY("order","account")
);
--> statement-breakpoint
CREATE TABLE "order_lines" (
	"order" text NOT NULL,
	"line" integer NOT NULL,
	"dataset" text NOT NULL,
	"consent_version" bigint NOT NULL,
	"price" numeric(39, 0) NOT NULL,
	"payee" text NOT NULL,
	"state" text NOT NULL,
	"ending" text NOT NULL,
	"reason" jsonb,
	"packet" text,
	"bad" boolean NOT NULL,
	"answered_by" text,
	"share" integer,
	"credit_payee" numeric(39, 0) NOT NULL,
	"credit_custodian" numeric(39, 0) NOT NULL,
	"credit_treasury" numeric(39, 0) NOT NULL,
	"credit_buyer" numeric(39, 0) NOT NULL,
	"credit_contributor" numeric(39, 0) NOT NULL,
	CONSTRAINT "order_lines_order_line_pk" PRIMARY KEY("order","line")
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"id" text PRIMARY KEY NOT NULL,
	"buyer" text NOT NULL,
	"collection" bigint NOT NULL,
	"custodian" text NOT NULL,
	"state" text NOT NULL,
	"policy_version" bigint NOT NULL,
	"cleared_version" bigint,
	"job" text NOT NULL,
	"reader_key" text NOT NULL,
	"purpose" jsonb NOT NULL,
	"total" numeric(39, 0) NOT NULL,
	"line_count" integer NOT NULL,
	"deadline" numeric(20, 0) NOT NULL,
	"enclave" jsonb,
	"ending" text,
	"reason" jsonb,
	"output" text,
	"created_at" bigint NOT NULL,
	"changed_at" bigint NOT NULL,
	"ended_at" bigint,
	"forgotten" boolean NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pauses" (
	"position" bigint PRIMARY KEY NOT NULL,
	"from" numeric(20, 0) NOT NULL,
	"until" numeric(20, 0) NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payments" (
	"position" bigint PRIMARY KEY NOT NULL,
	"order" text NOT NULL,
	"to" text NOT NULL,
	"amount" numeric(39, 0) NOT NULL,
	"paid_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ballots" (
	"proposal" bigint NOT NULL,
	"voter" text NOT NULL,
	"own_parts" jsonb,
	"delegated_parts" jsonb,
	"nonce" bigint NOT NULL,
	"by_signature" boolean NOT NULL,
	"own_favour" numeric(39, 0) NOT NULL,
	"own_against" numeric(39, 0) NOT NULL,
	"own_abstain" numeric(39, 0) NOT NULL,
	"delegated_favour" numeric(39, 0) NOT NULL,
	"delegated_against" numeric(39, 0) NOT NULL,
	"delegated_abstain" numeric(39, 0) NOT NULL,
	"overridden" numeric(39, 0) NOT NULL,
	"recused" boolean NOT NULL,
	"reason" text NOT NULL,
	"cast_at" bigint NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "ballots_proposal_voter_pk" PRIMARY KEY("proposal","voter")
);
--> statement-breakpoint
CREATE TABLE "overrides" (
	"proposal" bigint NOT NULL,
	"delegate" text NOT NULL,
	"owner" text NOT NULL,
	"amount" numeric(39, 0) NOT NULL,
	"narrow_only" boolean NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "overrides_proposal_delegate_owner_pk" PRIMARY KEY("proposal","delegate","owner")
);
--> statement-breakpoint
CREATE TABLE "proposals" (
	"id" bigint PRIMARY KEY NOT NULL,
	"proposer" text,
	"track" text NOT NULL,
	"terms" jsonb NOT NULL,
	"snapshot_block" bigint NOT NULL,
	"snapshot_time" numeric(20, 0) NOT NULL,
	"content" text NOT NULL,
	"collection" bigint,
	"direction" text,
	"closes" numeric(20, 0) NOT NULL,
	"extended" boolean NOT NULL,
	"deposit" numeric(39, 0) NOT NULL,
	"deposit_returned" boolean,
	"description" text,
	"actions" jsonb NOT NULL,
	"act" jsonb,
	"stage" text NOT NULL,
	"executable_from" numeric(20, 0),
	"executable_until" numeric(20, 0),
	"cancelled_by_guardians" boolean,
	"emergency_end" text,
	"favour" numeric(39, 0) NOT NULL,
	"against" numeric(39, 0) NOT NULL,
	"abstain" numeric(39, 0) NOT NULL,
	"proposed_at" bigint NOT NULL,
	"changed_at" bigint NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "recusals" (
	"proposal" bigint NOT NULL,
	"account" text NOT NULL,
	"recused_at" bigint NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "recusals_proposal_account_pk" PRIMARY KEY("proposal","account")
);
--> statement-breakpoint
CREATE TABLE "routes" (
	"callee" text NOT NULL,
	"selector" text NOT NULL,
	"track" text NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "routes_callee_selector_pk" PRIMARY KEY("callee","selector")
);
--> statement-breakpoint
CREATE TABLE "tracks" (
	"id" text PRIMARY KEY NOT NULL,
	"terms" jsonb NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "treasury_payments" (
	"position" bigint PRIMARY KEY NOT NULL,
	"to" text NOT NULL,
	"amount" numeric(39, 0) NOT NULL,
	"paid_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "delegations" (
	"owner" text NOT NULL,
	"track" text NOT NULL,
	"delegate" text NOT NULL,
	"share" integer NOT NULL,
	"narrow_only" boolean NOT NULL,
	"ends" integer NOT NULL,
	"set_at" bigint NOT NULL,
	"position" bigint NOT NULL,
	CONSTRAINT "delegations_owner_track_delegate_pk" PRIMARY KEY("owner","track","delegate")
);
--> statement-breakpoint
CREATE TABLE "members" (
	"account" text PRIMARY KEY NOT NULL,
	"voice" numeric(39, 0) NOT NULL,
	"joined_at" bigint NOT NULL,
	"changed_at" bigint NOT NULL,
	"position" bigint NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "contract_events_by_position" ON "contract_events" USING btree ("position");--> statement-breakpoint
CREATE INDEX "contract_events_by_name" ON "contract_events" USING btree ("contract","name","position");--> statement-breakpoint
CREATE INDEX "contract_events_by_subject" ON "contract_events" USING btree ("subject","position");--> statement-breakpoint
CREATE INDEX "contract_events_by_signer" ON "contract_events" USING btree ("signer","position");--> statement-breakpoint
CREATE INDEX "contract_events_with_problem" ON "contract_events" USING btree ("position") WHERE problem IS NOT NULL;--> statement-breakpoint
CREATE INDEX "extrinsics_by_height" ON "extrinsics" USING btree ("height");--> statement-breakpoint
CREATE INDEX "extrinsics_by_signer" ON "extrinsics" USING btree ("signer","height");--> statement-breakpoint
CREATE INDEX "extrinsics_by_hash" ON "extrinsics" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "undo_by_height" ON "undo" USING btree ("height");--> statement-breakpoint
CREATE INDEX "disease_pairs_by_ancestor" ON "disease_pairs" USING btree ("ancestor","root_version");--> statement-breakpoint
CREATE INDEX "datasets_by_collection" ON "datasets" USING btree ("collection","state","position");--> statement-breakpoint
CREATE INDEX "datasets_by_contributor" ON "datasets" USING btree ("contributor","position");--> statement-breakpoint
CREATE INDEX "datasets_by_custodian" ON "datasets" USING btree ("custodian","position");--> statement-breakpoint
CREATE INDEX "datasets_by_position" ON "datasets" USING btree ("position");--> statement-breakpoint
CREATE INDEX "datasets_by_price" ON "datasets" USING btree ("price","id");--> statement-breakpoint
CREATE INDEX "attestations_by_measurement" ON "attestations" USING btree ("measurement","position");--> statement-breakpoint
CREATE INDEX "attestations_by_position" ON "attestations" USING btree ("position");--> statement-breakpoint
CREATE INDEX "credentials_by_holder" ON "credentials" USING btree ("holder","position");--> statement-breakpoint
CREATE INDEX "credentials_by_issuer" ON "credentials" USING btree ("issuer","position");--> statement-breakpoint
CREATE INDEX "credentials_by_position" ON "credentials" USING btree ("position");--> statement-breakpoint
CREATE INDEX "revocations_by_grant" ON "revocations" USING btree ("grant");--> statement-breakpoint
CREATE INDEX "revocations_by_position" ON "revocations" USING btree ("position");--> statement-breakpoint
CREATE INDEX "notifications_by_account" ON "notifications" USING btree ("account","position");--> statement-breakpoint
CREATE INDEX "credits_by_account" ON "credits" USING btree ("account","position");--> statement-breakpoint
CREATE INDEX "order_lines_by_dataset" ON "order_lines" USING btree ("dataset","state");--> statement-breakpoint
CREATE INDEX "order_lines_by_payee" ON "order_lines" USING btree ("payee");--> statement-breakpoint
CREATE INDEX "orders_by_buyer" ON "orders" USING btree ("buyer","position");--> statement-breakpoint
CREATE INDEX "orders_by_custodian" ON "orders" USING btree ("custodian","state","position");--> statement-breakpoint
CREATE INDEX "orders_by_collection" ON "orders" USING btree ("collection","state","position");--> statement-breakpoint
CREATE INDEX "orders_by_state" ON "orders" USING btree ("state","position");--> statement-breakpoint
CREATE INDEX "orders_by_job" ON "orders" USING btree ("job");--> statement-breakpoint
CREATE INDEX "orders_by_position" ON "orders" USING btree ("position");--> statement-breakpoint
CREATE INDEX "orders_by_total" ON "orders" USING btree ("total","id");--> statement-breakpoint
CREATE INDEX "payments_by_account" ON "payments" USING btree ("to","position");--> statement-breakpoint
CREATE INDEX "payments_by_order" ON "payments" USING btree ("order");--> statement-breakpoint
CREATE INDEX "ballots_by_voter" ON "ballots" USING btree ("voter","position");--> statement-breakpoint
CREATE INDEX "ballots_by_position" ON "ballots" USING btree ("position");--> statement-breakpoint
CREATE INDEX "overrides_by_owner" ON "overrides" USING btree ("owner");--> statement-breakpoint
CREATE INDEX "proposals_by_track" ON "proposals" USING btree ("track","position");--> statement-breakpoint
CREATE INDEX "proposals_by_stage" ON "proposals" USING btree ("stage","position");--> statement-breakpoint
CREATE INDEX "proposals_by_collection" ON "proposals" USING btree ("collection","position");--> statement-breakpoint
CREATE INDEX "proposals_by_proposer" ON "proposals" USING btree ("proposer","position");--> statement-breakpoint
CREATE INDEX "proposals_by_position" ON "proposals" USING btree ("position");--> statement-breakpoint
CREATE INDEX "delegations_by_delegate" ON "delegations" USING btree ("delegate","track");--> statement-breakpoint
CREATE INDEX "members_by_voice" ON "members" USING btree ("voice","account");