import {
  BUILT_IN_PROVIDERS,
  MODEL_APIS,
  type ModelPrice,
  type ModelProvider,
  type ModelsConfig,
  parseModelName,
  PLAIN_PROVIDER,
} from '../core/models/models-config.js';
import {
  checkFields,
  type FieldCheck,
  type FieldRules,
  identifier,
  isFields,
  oneOf,
  text,
  wholeNumber,
} from '../workflow/check/fields/check-fields.js';
import { holdsPassword } from '../core/text/holds-password.js';
import { didYouMean } from '../workflow/schema/did-you-mean.js';
import { type DefinitionFault, Faults } from '../workflow/check/fields/faults.js';
import { showType } from '../workflow/schema/value-text.js';

/** A provider as it is declared; of one that is built in, what is to be different. */
export interface ProviderDefinition {
  readonly api?: ModelProvider['api'];
  readonly base_url?: string;
  readonly key_env?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly requests_per_minute?: number;
  readonly concurrency?: number;
  readonly package?: string;
  readonly structured_output?: ModelProvider['structuredOutput'];
}

const MAX_COUNT = 100_000;

const address: FieldCheck = (value, at, faults) => {
  const isAddress = typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
  if (!isAddress) faults.add(at, 'must be an address such as http://127.0.0.1:11434/v1', value);
  else if (holdsPassword(value)) {
    // It is not shown again.
    faults.add(
      at,
      'must not hold a user and password: put them into "headers", with ${NAME} for a variable of the environment',
    );
  }
};

const headers: FieldCheck = (value, at, faults) => {
  if (!isFields(value)) {
    faults.add(at, `must be headers by name, not ${showType(value)}`, value);
    return;
  }
  for (const [name, header] of Object.entries(value)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) faults.add([...at, name], 'is no name of a header', name);
    if (typeof header !== 'string') faults.add([...at, name], `must be text, not ${showType(header)}`, header);
  }
};

const PROVIDER_RULES: FieldRules = {
  api: { check: oneOf(...MODEL_APIS) },
  base_url: { check: address },
  key_env: { check: identifier(/^[A-Za-z_]\w*$/, 'the name of an environment variable, as in MY_API_KEY') },
  headers: { check: headers },
  requests_per_minute: { check: wholeNumber(1, MAX_COUNT) },
  concurrency: { check: wholeNumber(1, MAX_COUNT) },
  package: { check: identifier(/^(?:@[a-z0-9~._-]+\/)?[a-z0-9~][a-z0-9~._-]*$/, 'the name of an npm package') },
  structured_output: { check: oneOf('schema', 'json', 'none') },
};

const price: FieldCheck = (value, at, faults) => {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    faults.add(at, 'must be US dollars per million tokens, 0 or more', value);
  }
};

const PRICE_RULES: FieldRules = {
  input: { required: true, check: price },
  cached_input: { check: price },
  cache_write: { check: price },
  output: { required: true, check: price },
};

const NAME = /^[a-z][a-z0-9_-]{0,99}$/;
const NAME_RULE = 'a name has lower-case letters, digits, _ and -, and starts with a letter';

/** Reads what a models.yaml says. What has a fault is left out. */
export function readModels(value: unknown): {
  readonly config: ModelsConfig;
  readonly faults: readonly DefinitionFault[];
} {
  const faults = new Faults();
  const providers = new Map<string, ModelProvider>();
  const aliases = new Map<string, readonly string[]>();
  const prices = new Map<string, ModelPrice>();
  const declared = isFields(value) && isFields(value['providers']) ? Object.keys(value['providers']) : [];
  // Those with faults too: an alias that names one of them is not at fault.
  const names = new Set([...BUILT_IN_PROVIDERS.keys(), ...declared]);
  checkFields({
    value,
    at: [],
    what: 'models.yaml',
    faults,
    rules: {
      providers: {
        check: (given, at) => readByName({ given, at, faults, what: 'providers', into: providers, read: readProvider }),
      },
      aliases: {
        check: (given, at) => readByName({ given, at, faults, what: 'aliases', into: aliases, read: readAlias(names) }),
      },
      prices: {
        check: (given, at) => {
          readByName({ given, at, faults, what: 'prices', into: prices, read: readPrice(names), names: 'models' });
        },
      },
    },
  });
  return { config: { providers, aliases, prices }, faults: faults.list };
}

type Read<Value> = (declared: unknown, at: readonly string[], faults: Faults) => Value;

function readByName<Value>(params: {
  readonly given: unknown;
  readonly at: readonly (string | number)[];
  readonly faults: Faults;
  readonly what: string;
  readonly into: Map<string, Value>;
  readonly read: Read<Value>;
  /** What the keys name when they are no names of their own. */
  readonly names?: 'models';
}): void {
  const { given, faults, what, into, read } = params;
  if (!isFields(given)) {
    faults.add(params.at, `${what} are declared by name, not as ${showType(given)}`, given);
    return;
  }
  for (const [name, declared] of Object.entries(given)) {
    const before = faults.list.length;
    if (params.names === undefined && !NAME.test(name)) faults.add([what, name], NAME_RULE, name);
    const result = read(declared, [what, name], faults);
    if (faults.list.length === before) into.set(name, result);
  }
}

const readProvider: Read<ModelProvider> = (declared, at, faults) => {
  const name = at[1] ?? '';
  const builtIn = BUILT_IN_PROVIDERS.get(name);
  checkFields({ value: declared, at, what: 'a provider', rules: PROVIDER_RULES, faults });
  const definition = (isFields(declared) ? declared : {}) as ProviderDefinition;
  const api = definition.api ?? builtIn?.api;
  if (api === undefined) faults.add(at, `the required field "api" is missing: ${MODEL_APIS.join(', ')}`);
  if (api === 'package' && definition.package === undefined) {
    faults.add(at, 'the required field "package" is missing: the npm name of an AI SDK provider');
  }
  if (api !== undefined && api !== 'package' && definition.package !== undefined) {
    faults.add([...at, 'package'], 'belongs to "api: package" only', definition.package);
  }
  if (api === 'openai-compatible' && definition.base_url === undefined && builtIn === undefined) {
    faults.add(at, 'the required field "base_url" is missing');
  }
  const base = builtIn?.api === api && builtIn !== undefined ? builtIn : PLAIN_PROVIDER;
  return {
    ...base,
    api: api ?? 'openai',
    // An address that is declared is meant; the environment's stands in for one that is not.
    ...(definition.base_url === undefined ? {} : { baseUrl: definition.base_url, baseUrlEnv: null }),
    keyEnv: definition.key_env ?? base.keyEnv,
    headers: definition.headers ?? base.headers,
    requestsPerMinute: definition.requests_per_minute ?? base.requestsPerMinute,
    concurrency: definition.concurrency ?? base.concurrency,
    package: definition.package ?? base.package,
    structuredOutput: definition.structured_output ?? base.structuredOutput,
  };
};

function readAlias(providers: ReadonlySet<string>): Read<readonly string[]> {
  return (declared, at, faults) => {
    const models: readonly unknown[] = Array.isArray(declared) ? declared : [declared];
    if (models.length === 0) faults.add(at, 'names no model');
    for (const [index, model] of models.entries()) {
      checkModel(model, Array.isArray(declared) ? [...at, index] : at, { providers, faults });
    }
    return models.filter((model) => typeof model === 'string');
  };
}

function readPrice(providers: ReadonlySet<string>): Read<ModelPrice> {
  return (declared, at, faults) => {
    checkModel(at[1], at, { providers, faults });
    checkFields({ value: declared, at, what: 'a price', rules: PRICE_RULES, faults });
    const fields = isFields(declared) ? declared : {};
    const { cached_input: cached, cache_write: write } = fields;
    return {
      input: Number(fields['input']),
      output: Number(fields['output']),
      ...(cached === undefined ? {} : { cachedInput: Number(cached) }),
      ...(write === undefined ? {} : { cacheWrite: Number(write) }),
    };
  };
}

function checkModel(
  model: unknown,
  at: readonly (string | number)[],
  { providers, faults }: { readonly providers: ReadonlySet<string>; readonly faults: Faults },
): void {
  const before = faults.list.length;
  text(model, at, faults);
  if (typeof model !== 'string' || faults.list.length > before) return;
  const parsed = parseModelName(model);
  if (parsed === null) faults.add(at, 'must be provider/model, as in openai/gpt-5-mini', model);
  else if (!providers.has(parsed.provider)) {
    const hint = didYouMean(parsed.provider, [...providers]) || `; the providers are ${[...providers].join(', ')}`;
    faults.add(at, `there is no provider "${parsed.provider}"${hint}`, model);
  }
}
