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
	"extrinsic_index" integer,
	"address" text NOT NULL,
	"contract" text NOT NULL,
	"code_hash" text NOT NULL,
	"topics" jsonb NOT NULL,
	"data" text NOT NULL,
	"name" text,
	"fields" jsonb,
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
CREATE INDEX "contract_events_by_place" ON "contract_events" USING btree ("height","index");--> statement-breakpoint
CREATE INDEX "contract_events_by_name" ON "contract_events" USING btree ("contract","name","height");--> statement-breakpoint
CREATE INDEX "extrinsics_by_height" ON "extrinsics" USING btree ("height");--> statement-breakpoint
CREATE INDEX "extrinsics_by_signer" ON "extrinsics" USING btree ("signer","height");--> statement-breakpoint
CREATE INDEX "extrinsics_by_hash" ON "extrinsics" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "undo_by_height" ON "undo" USING btree ("height");