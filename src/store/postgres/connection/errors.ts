import { ErrandError, errorMessage } from '../../../core/errors.js';

/** SQLSTATE codes of what people have to mend, and what to tell them. */
const FAULTS: { readonly [code: string]: string } = {
  '28P01': 'refuses the password',
  '28000':
    'does not let this user in (see pg_hba.conf, or the access rules of the service; it may want TLS: ?sslmode=verify-full)',
  '3D000': 'has no such database: make it with `createdb`, or name another in the URL',
  '3F000': 'has no schema to make tables in: create one that the search_path of the user names',
  '42501':
    'does not let this user do that: give it CREATE on the database and own its schema (GRANT CREATE, USAGE ON SCHEMA public TO …)',
  '25006': 'is read-only (a standby, or default_transaction_read_only): name the primary in the URL',
  '53300': 'has no connection left: raise max_connections, or put a pooler in front',
  '53100': 'has no space left on its disk',
  '53200': 'is out of memory',
  '53400': 'has reached a limit of its configuration',
  '57P03': 'is starting up or shutting down',
  '55P03': 'did not get a lock in time',
  '57014': 'cancelled a statement that took too long',
  '25P03': 'ended a transaction that stood still',
};

/** What a pooler says that takes prepared statements for others than this connection does. */
const FORGOTTEN = /^prepared statement (did not exist|name is already in use)$/;
/** A prepared statement that the session does not have, or has though this connection did not prepare it. */
const STRANGE: ReadonlySet<string> = new Set(['26000', '42P05']);
/** Rolled back without a trace: the same can be tried again at once. */
const CLASHES: ReadonlySet<string> = new Set(['40001', '40P01']);
/** 08: connection; 57P: an operator's intervention; 58: the system around it. */
const GONE = /^(08|57P|58)/;
const SOCKET = /^(E[A-Z]+|UND_ERR_.*)$/;
/** What the driver throws without a code. */
const LOST = /connection terminated|timeout|not queryable|connection ended|closed the connection/i;
/** Codes of TLS and certificates. */
const TLS = /CERT|TLS|SSL/;

/** A broken constraint that callers can bring about. */
export class ConstraintError extends Error {
  override readonly name = 'ConstraintError';
  readonly kind: 'unique' | 'foreign_key';
  /** Its name in the schema. */
  readonly constraint: string;

  constructor(kind: ConstraintError['kind'], constraint: string, cause: unknown) {
    super(errorMessage(cause), { cause });
    this.kind = kind;
    this.constraint = constraint;
  }
}

/** The transaction was rolled back as it clashed with another. */
export class ClashError extends Error {
  override readonly name = 'ClashError';
}

/**
 * What was prepared on the connection is of no more use, as a table has other columns since, or a pooler has forgotten
 * it: another has to be taken.
 */
export class StalePlan extends ClashError {}

/** The session does not know a prepared statement as it should: a pooler has given this one to others, too. */
export class StrangeSession extends ClashError {}

/** The connection broke, or stands still: what was asked last may or may not have come to pass. */
export class LostConnection extends ErrandError {}

/** What the driver threw as what the store throws. */
export function translateError(error: unknown, address: string): unknown {
  if (error instanceof ErrandError || !(error instanceof Error)) return error;
  const code = textOf(error, 'code');
  if (code === '23505') return new ConstraintError('unique', textOf(error, 'constraint'), error);
  if (code === '23503') return new ConstraintError('foreign_key', textOf(error, 'constraint'), error);
  if (CLASHES.has(code)) return new ClashError(error.message, { cause: error });
  if (STRANGE.has(code)) return new StrangeSession(error.message, { cause: error });
  if (isStale(code, error)) return new StalePlan(error.message, { cause: error });
  const fault = FAULTS[code];
  if (fault !== undefined && !GONE.test(code)) return unavailable(ErrandError, `${address} ${fault}`, error);
  if (fault !== undefined) return unavailable(LostConnection, `${address} ${fault}`, error);
  if (TLS.test(code) || /self.signed certificate|does not support SSL/i.test(error.message)) {
    return unavailable(
      ErrandError,
      `${address} cannot be reached over TLS as the URL asks (sslmode, sslrootcert)`,
      error,
    );
  }
  if (GONE.test(code) || SOCKET.test(code) || LOST.test(error.message)) {
    return unavailable(LostConnection, `${address} cannot be reached`, error);
  }
  return error;
}

function isStale(code: string, { message }: Error): boolean {
  return (code === '0A000' && message.includes('cached plan')) || (code === '08P01' && FORGOTTEN.test(message));
}

function unavailable(Kind: typeof ErrandError, told: string, cause: Error): ErrandError {
  // An AggregateError, of several addresses of a host, has no message of its own.
  const said = cause instanceof AggregateError ? errorMessage(cause.errors[0]) : errorMessage(cause);
  return new Kind('unavailable', `The database ${told} (${said}).`, { cause, retryAfterSeconds: 5 });
}

function textOf(error: Error, name: string): string {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : '';
}
