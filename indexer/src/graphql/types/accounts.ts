import { delegations, members, notifications } from "../../database/schema/index.ts";
import { children, entity, list, single } from "../entity.ts";

export const member = entity({
  name: "Member",
  table: members,
  description: "An account that has, or had, voice.",
  columns: { voice: "Kept and delegated away." },
});
const delegation = entity({
  name: "Delegation",
  table: delegations,
  description: "A part of an owner's voice in another's hands, as last set.",
  columns: {
    track: "The track, or `All` for the list that binds where a track has none of its own.",
    share: "Basis points of the owner's voice.",
    narrowOnly: "In the `for` part of a widening it counts as abstain.",
    ends: "The first month (months since January 1970, UTC) in which the mandate is over.",
  },
});
export const notification = entity({
  name: "Notification",
  table: notifications,
  description: "What an account should hear of.",
  columns: {
    kind: "What happened, as `OrderDelivered`.",
    subject: "Id of what it happened to.",
  },
});

children(member, "delegatesTo", delegation, {
  description: "Where its voice is.",
  from: "account",
  to: "owner",
  sort: "track",
});
children(member, "delegatedFrom", delegation, {
  description: "Voice that others put into its hands.",
  from: "account",
  to: "delegate",
  sort: "owner",
});

single(member, "member", "The member with this account.");
list(member, {
  field: "members",
  description: "Members of the DAO.",
  filter: ["account", "voice"],
  sort: ["voice", "account"],
  newestFirst: true,
});
list(delegation, {
  field: "delegations",
  description: "Delegated voice.",
  filter: ["owner", "delegate", "track", "narrowOnly", "ends"],
  sort: ["owner"],
});
list(notification, {
  field: "notifications",
  description: "Notifications, of one account usually.",
  filter: ["account", "kind", "subject", "position", "notifiedAt"],
  sort: ["position"],
  newestFirst: true,
});
