import type { KeyringPair } from "@polkadot/keyring/types";
import { decodeAddress } from "@polkadot/util-crypto";
import { fromHex, secureRandom, toHex } from "../bytes.ts";
import type { Account } from "../chain/submit.ts";
import type { CredentialKind, Grant } from "../contracts/generated/identity.ts";
import type { Contracts } from "../contracts/index.ts";
import { CREDENTIAL_KINDS, grantMessage } from "../signing/index.ts";

/** The scope of a credential that is bound to nothing. */
export const UNSCOPED = `0x${"00".repeat(32)}`;

/** Mask of credential kinds, for `identity.accredit`. */
export const kindsMask = (kinds: readonly CredentialKind[]): number =>
  kinds.reduce((mask, kind) => mask | (1 << CREDENTIAL_KINDS.indexOf(kind)), 0);

/** What an issuer is asked to say. */
export interface GrantToIssue {
  readonly holder: string;
  readonly kind: CredentialKind;
  /** 32 bytes hex; {@link UNSCOPED} by default. */
  readonly scope?: string;
  /** ms since the epoch */
  readonly validFrom: bigint;
  readonly validUntil: bigint;
}

/** A grant with its issuer's signature; its holder presents it when they want it on-chain. */
export interface SignedGrant {
  readonly grant: Grant;
  readonly issuerSignature: string;
}

/** Signs a grant. Makes no request: nothing is on-chain until the holder presents it. */
export const issueGrant = (contracts: Contracts, issuer: KeyringPair, wanted: GrantToIssue): SignedGrant => {
  const grant: Grant = {
    issuer: issuer.address,
    holder: wanted.holder,
    kind: wanted.kind,
    scope: wanted.scope ?? UNSCOPED,
    validFrom: wanted.validFrom,
    validUntil: wanted.validUntil,
    salt: toHex(secureRandom(32)),
  };
  const message = grantMessage(
    { genesis: fromHex(contracts.deployment.genesis), contract: decodeAddress(contracts.identity.address) },
    {
      ...grant,
      issuer: decodeAddress(grant.issuer),
      holder: decodeAddress(grant.holder),
      scope: fromHex(grant.scope),
      salt: fromHex(grant.salt),
    },
  );
  return { grant, issuerSignature: toHex(issuer.sign(message)) };
};

/** Puts a grant on-chain, from its holder's account. Throws ContractRefusal with an `IdentityError`. */
export const presentGrant = (contracts: Contracts, signed: SignedGrant, holder: Account) =>
  contracts.identity.execute(
    "present",
    { grant: signed.grant, issuerSignature: signed.issuerSignature },
    holder,
  );
