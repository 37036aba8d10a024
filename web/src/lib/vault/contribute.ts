import { toHex } from "@keystrand/sdk/bytes";
import { generateKeyPair } from "@keystrand/sdk/crypt4gh";
import type { Registrable } from "@keystrand/sdk/datasets";
import { writeRecoveryFile } from "@keystrand/sdk/recovery";
import { splitVcf } from "@keystrand/sdk/vcf";
import type { Chain } from "../chain/node.svelte.ts";
import type { Configuration } from "../configuration.ts";

/** The file holds another number of people than one. */
export class NotOnePerson extends Error {
  override readonly name = "NotOnePerson";
  readonly people: number;
  constructor(people: number) {
    super(`The file holds ${people} people.`);
    this.people = people;
  }
}

/** One person's variants without the name of the sample: what is encrypted, and nothing else of the file. */
async function onePerson(file: File): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const { people } = await splitVcf(file.stream(), {
    append(person, bytes) {
      if (person === 0) parts.push(new Uint8Array(bytes));
    },
  });
  if (people !== 1) throw new NotOnePerson(people);
  return new Blob(parts);
}

/** A dataset that is encrypted, stored and held by the custodian, and the file that recovers its key. */
export interface Contribution {
  readonly stored: Registrable;
  readonly recoveryFile: string;
}

/**
 * Encrypts one person's VCF in this page, stores its encrypted form, and hands its sealed key to the custodian.
 *
 * @throws {@link NotOnePerson}; errors of the VCF reader, the services and a weak passphrase, each with a remedy
 */
export async function contribute(
  { contracts, library }: Chain,
  services: NonNullable<Configuration["services"]>,
  file: File,
  contributor: string,
  passphrase: string,
): Promise<Contribution> {
  const person = await onePerson(file);
  const own = generateKeyPair();
  const { dataKey, ...stored } = await library.storeDataset(
    contracts,
    [{ name: "S.vcf", mediaType: "text/x-vcf", stream: () => person.stream() }],
    contributor,
    [own.publicKey],
    {
      blockStore: { url: services.blockStore.url, token: services.blockStore.token ?? "" },
      custodian: services.custodian,
    },
  );
  const recoveryFile = await writeRecoveryFile(
    [{ dataset: stored.dataset, root: stored.root, dataKey: toHex(dataKey) }],
    { passphrase },
  );
  return { stored, recoveryFile };
}
