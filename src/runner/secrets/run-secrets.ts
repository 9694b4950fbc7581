import { type HandlerContext, NodeFailure } from '../../core/handlers/node-kind.js';
import type { Json } from '../../core/json.js';
import type { Secrets } from '../../core/ports/secrets.js';
import { createScrubber, type NamedSecret, NOTHING_TO_SCRUB, type Scrubber } from '../../core/secrets/scrub.js';

/** The secrets of one run while it is driven: what its workflow names, and what must not leave with anything else. */
export interface RunSecrets extends Scrubber {
  /** Whether the workflow names any. */
  readonly isNone: boolean;
  /** As handlers have them: throws a NodeFailure of kind `secret_missing` for one that is not named, or not set. */
  readonly handed: HandlerContext['secrets'];
  /** The same for several, as expressions see them. */
  open(names: readonly string[]): Promise<{ readonly [name: string]: string }>;
}

/** Of a workflow that names none. */
export const NO_RUN_SECRETS: RunSecrets = {
  ...NOTHING_TO_SCRUB,
  isNone: true,
  handed: {
    get: async (name) => {
      throw notNamed(name);
    },
  },
  open: async () => ({}),
};

interface RunSecretsParams {
  readonly secrets: Secrets;
  readonly organizationId: string;
  /** Those that the workflow names. */
  readonly names: readonly string[];
  /** See `SecretsParams`. */
  readonly onlyOwn: boolean;
  readonly since: number;
}

/**
 * Opens the values, all that the workflow names, so that none of them leaves from the first node on. Each use of one
 * looks again: a new value holds from the next attempt on, and the old one still does not leave.
 */
export async function openRunSecrets({
  secrets,
  organizationId,
  names,
  onlyOwn,
  since,
}: RunSecretsParams): Promise<RunSecrets> {
  const seen = new Map<string, string>();
  let scrubber = NOTHING_TO_SCRUB;
  const onHidden = ({ name, value }: NamedSecret): unknown => seen.set(value, name);
  const look = async (wanted: readonly string[], withoutRenewal: boolean): Promise<ReadonlyMap<string, string>> => {
    const before = seen.size;
    const found = await secrets.open({ organizationId, names: wanted, onlyOwn, since, withoutRenewal, onHidden });
    for (const [name, value] of found) seen.set(value, name);
    if (seen.size > before) scrubber = createScrubber([...seen].map(([value, name]) => ({ name, value })));
    return found;
  };
  const open = async (wanted: readonly string[]): Promise<{ readonly [name: string]: string }> => {
    for (const name of wanted) if (!names.includes(name)) throw notNamed(name);
    const found = await look(wanted, false);
    for (const name of wanted) if (!found.has(name)) throw missing(name);
    return Object.fromEntries(found);
  };
  await look(names, true);
  return {
    isNone: false,
    open,
    handed: { get: async (name) => (await open([name]))[name] ?? '' },
    text: (text) => scrubber.text(text),
    json: <T extends Json>(value: T) => scrubber.json(value),
    jsonInTurns: <T extends Json>(value: T) => scrubber.jsonInTurns(value),
  };
}

function notNamed(name: unknown): NodeFailure {
  const message = `The workflow does not name the secret ${JSON.stringify(name)}: add it to "secrets" of the workflow`;
  return new NodeFailure(message, { kind: 'secret_missing', retryable: false });
}

function missing(name: string): NodeFailure {
  const message = `The secret ${name} is not set: errand secrets set ${name}`;
  return new NodeFailure(message, { kind: 'secret_missing', retryable: false });
}
