import { ErrandError } from '../../core/errors.js';
import { assertPostgresUrl } from '../../store/postgres/connection/address.js';
import type { ClusterOptions } from '../cluster/cluster.js';

/** Which Restate gives several processes their runs, and where it reaches this one. */
export interface LibraryRestate {
  /** Of its ingress: `http://restate.internal:8080`. */
  readonly url: string;
  /** `http://restate.internal:9070` */
  readonly adminUrl: string;
  /** Where this process takes its calls; the host is `127.0.0.1` when not given. */
  readonly listen: { readonly host?: string; readonly port: number };
  /** Where Restate reaches all processes; where this one listens when not given. */
  readonly advertise?: string;
  /** Public keys of Restate (`publickeyv1_…`): calls without their signature are refused. */
  readonly identityKeys?: readonly string[];
}

interface Given {
  readonly database?: string;
  readonly databaseListen?: string;
  readonly restate?: LibraryRestate;
  readonly models?: { readonly secretKey?: string };
}

/** Null where one process has its records to itself. */
export function readLibraryCluster({ database, databaseListen, restate, models }: Given): ClusterOptions | null {
  if (database === undefined && restate === undefined) return null;
  if (database === undefined || restate === undefined || models?.secretKey === undefined) {
    throw new ErrandError(
      'invalid_input',
      'Several processes need all of "database", "restate" and "models.secretKey"; one process needs none of them.',
    );
  }
  assertPostgresUrl(database, '"database"');
  if (databaseListen !== undefined) assertPostgresUrl(databaseListen, '"databaseListen"');
  const { url, adminUrl, listen, advertise = null, identityKeys = [] } = restate;
  for (const [name, address] of Object.entries({ url, adminUrl, ...(advertise === null ? {} : { advertise }) })) {
    if (typeof address === 'string' && URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) continue;
    throw new ErrandError('invalid_input', `"restate.${name}" must be an http or https address.`);
  }
  const { host = '127.0.0.1', port } = listen;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ErrandError('invalid_input', `"restate.listen.port" must be a port, not ${String(port)}.`);
  }
  const addresses = { url, adminUrl, listen: { host, port }, advertise, identityKeys, service: null };
  return { databaseUrl: database, databaseListenUrl: databaseListen ?? database, restate: addresses };
}
