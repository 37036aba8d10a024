// Words that the contracts use, in their order; the contracts' types are their home.

export const consentStates = ["Given", "Withdrawn", "Erased"] as const;

export const directions = ["Same", "Narrower", "Wider", "Mixed"] as const;

export const orderStates = [
  "UnderReview",
  "Funded",
  "Qualified",
  "Releasing",
  "Delivered",
  "Disputed",
  "Settled",
  "Resolved",
  "Refunded",
] as const;

export const lineStates = ["Open", "Locked", "Delivered", "Disputed", "Paid", "Refunded"] as const;

/** Why a line ended. */
export const endings = [
  "None",
  "Accepted",
  "Denied",
  "NotReleased",
  "NotDelivered",
  "Expired",
  "Cancelled",
  "Aborted",
  "Refused",
  "Conceded",
  "Ruled",
  "TimedOut",
  "Agreed",
] as const;

export const credentialKinds = [
  "BonaFideResearcher",
  "AffiliationNonProfit",
  "AffiliationCommercial",
  "ControlledAccessGrant",
  "EthicsApproval",
  "AcceptedTerms",
  "AccreditedLaboratory",
  "Jurisdiction",
] as const;

/** What became of a presented grant; whether it counts now also depends on its dates and its issuer. */
export const grantStates = ["Presented", "Revoked", "Dropped"] as const;

export const platforms = ["IntelTdx", "IntelSgx", "AwsNitro", "Simulated"] as const;

export const tracks = ["Narrow", "Widen", "Treasury", "Members", "Parameters", "Code", "Emergency"] as const;

/**
 * What transactions have made of a proposal. Where a vote stands between them (active, confirming, defeated)
 * also depends on the clock: the contract's `state` tells that.
 */
export const stages = ["Voting", "Queued", "Executed", "Cancelled", "Expired"] as const;

export const emergencyEnds = ["Confirmed", "Overturned", "Lapsed"] as const;
