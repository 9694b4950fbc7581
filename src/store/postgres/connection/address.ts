import { ErrandError } from '../../../core/errors.js';

/** What people may see of a database's URL: neither its password nor its parameters. */
export function describeAddress(url: string): string {
  const { username, host, pathname } = new URL(url);
  const user = username === '' ? '' : `${username}@`;
  return `postgresql://${user}${host}${pathname === '/' ? '' : pathname}`;
}

/**
 * Throws `invalid_input` unless it is the URL of a Postgres database. What was given is not shown: there may be a
 * password in it.
 */
export function assertPostgresUrl(text: string, name: string): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== '') return;
  throw new ErrandError(
    'invalid_input',
    `${name} must be the URL of a Postgres database, as in postgresql://user:password@host:5432/errand?sslmode=verify-full ` +
      '(a password with characters such as @, / or # is percent-encoded).',
  );
}
