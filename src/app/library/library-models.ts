import { parseSecretKey } from '../../auth/secret-box.js';
import { CONTENT_POLICIES, type ContentPolicy } from '../../core/models/content-policy.js';
import { ErrandError } from '../../core/errors.js';
import { HOST_RANGES, type HostRange } from '../../core/ports/outbound.js';
import { readModels, type ProviderDefinition } from '../../declarations/read-models.js';
import type { ModelsOptions } from '../assembly/wire-models.js';

/** Which models nodes can ask, and what is kept of it. */
export interface LibraryModels {
  /**
   * What nodes ask that name no model, best first: `openai/gpt-5-mini`. What ERRAND_DEFAULT_MODEL says when not given.
   */
  readonly default?: string | readonly string[];
  /** As in `models.yaml`; `openai`, `anthropic`, `google` and `ollama` are there already. */
  readonly providers?: { readonly [name: string]: ProviderDefinition };
  readonly aliases?: { readonly [name: string]: string | readonly string[] };
  /** By `provider/model`, in US dollars per million tokens. */
  readonly prices?: {
    readonly [model: string]: {
      readonly input: number;
      readonly cached_input?: number;
      readonly cache_write?: number;
      readonly output: number;
    };
  };
  /** Where the keys and addresses of providers are looked up: this process's environment when not given. */
  readonly env?: { readonly [name: string]: string | undefined };
  /**
   * What is kept of what models are asked and answer, and of what their tools give: `keep` (the default), `redact` or
   * `drop`.
   */
  readonly content?: ContentPolicy;
  /**
   * Where files for models are fetched from: hosts on the internet (`public`, the default), or `any`, internal ones
   * included.
   */
  readonly files?: HostRange;
  /**
   * What secrets are encrypted with: 32 bytes in base64 or hexadecimal digits. A key in the data folder when not given.
   */
  readonly secretKey?: string;
}

/** Throws `invalid_input`, naming what is wrong. */
export function readLibraryModels(given: LibraryModels): ModelsOptions {
  const { default: first, env = process.env, content = 'keep', files = 'public', secretKey, ...declared } = given;
  const { config, faults } = readModels(declared);
  const [fault] = faults;
  if (fault !== undefined) throw new ErrandError('invalid_input', `models.${fault.path}: ${fault.message}`);
  if (!CONTENT_POLICIES.includes(content)) {
    throw new ErrandError('invalid_input', `models.content must be one of ${CONTENT_POLICIES.join(', ')}.`);
  }
  if (!HOST_RANGES.includes(files)) {
    throw new ErrandError('invalid_input', `models.files must be one of ${HOST_RANGES.join(', ')}.`);
  }
  const key = secretKey === undefined ? null : parseSecretKey(secretKey);
  if (secretKey !== undefined && key === null) {
    throw new ErrandError('invalid_input', 'models.secretKey must be 32 bytes in base64 or hexadecimal digits.');
  }
  const names = first === undefined ? undefined : [first].flat().join(',');
  return {
    config,
    env: names === undefined ? env : { ...env, ERRAND_DEFAULT_MODEL: names },
    content,
    filesFrom: files,
    secretKey: key,
  };
}
