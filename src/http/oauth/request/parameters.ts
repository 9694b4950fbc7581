import { ErrandError } from '../../../core/errors.js';
import { SCOPES, GRANTABLE_SCOPES, withIncluded, type Scope } from '../../../core/tenant/principal.js';
import type { Exchange } from '../../transport/exchange.js';

const MAX_FORM_BYTES = 65_536;
/** What a client gets that asks for nothing. */
const DEFAULT_SCOPES: readonly Scope[] = ['read', 'run'];
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i;

/**
 * Parameters of a query or a form. Those that stand there twice make no sense (RFC 6749, section 3.1), except for
 * `resource` (RFC 8707).
 */
export class Parameters {
  readonly #values: URLSearchParams;

  constructor(text: string) {
    this.#values = new URLSearchParams(text);
  }

  /** Null when it is absent or empty. */
  get(name: string): string | null {
    const value = this.#values.get(name);
    return value === '' ? null : value;
  }

  all(name: string): string[] {
    return this.#values.getAll(name).filter((value) => value !== '');
  }

  /** The first that stands there twice. */
  get repeated(): string | null {
    const names = [...this.#values.keys()].filter((name) => name !== 'resource');
    return names.find((name, index) => names.indexOf(name) !== index) ?? null;
  }
}

/** Throws `unsupported_media_type` for a body that is no form. */
export async function readForm(exchange: Exchange): Promise<Parameters> {
  if (!FORM_TYPE.test(exchange.header('content-type') ?? '')) {
    throw new ErrandError('unsupported_media_type', 'The content type must be application/x-www-form-urlencoded.');
  }
  return new Parameters(await exchange.readText(MAX_FORM_BYTES));
}

/**
 * Those that can be granted, with what they include; what is unknown here (`offline_access`, `openid`) is passed over.
 */
export function readScopes(text: string | null): readonly Scope[] {
  const asked = new Set((text ?? '').split(' '));
  const known = SCOPES.filter((scope) => asked.has(scope) && (GRANTABLE_SCOPES as readonly Scope[]).includes(scope));
  return known.length === 0 ? DEFAULT_SCOPES : withIncluded(known);
}
