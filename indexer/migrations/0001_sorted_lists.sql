DROP INDEX "notifications_by_account";--> statement-breakpoint
CREATE INDEX "notifications_by_position" ON "notifications" USING btree ("position");--> statement-breakpoint
CREATE INDEX "credits_by_position" ON "credits" USING btree ("position");