import type { StartedPostgres } from '../../bench/lib/processes/postgres.mjs';
import type { Balancer } from './balancer.mjs';
import type { RestateNode } from './restate.mjs';

export interface Member {
  readonly port: number;
  readonly callPort: number;
  readonly url: string;
  readonly pid: number;
  /** The end of what it has printed. */
  readonly said: string;
  /** How it ended, an exit code or a signal; null while it goes on. */
  readonly ended: number | NodeJS.Signals | null;
  untilReady(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Once more, after it has ended, by this program (`dist/cli/main.js` when not given); does not wait until it is ready. */
  restart(main?: string): void;
  /** On its way to Postgres, where that is to be disturbed. */
  readonly database: Balancer | null;
}

/** What stands between the processes and Postgres, and lends them its connections. */
export interface Pooler {
  /** The way through it to a database. */
  through(url: string): string;
  /** Kills it, and all connections with it, and starts it again on its port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface StartedCluster {
  readonly postgres: StartedPostgres;
  readonly pooler: Pooler | null;
  readonly restate: readonly RestateNode[];
  readonly members: readonly Member[];
  readonly clients: Balancer;
  readonly calls: Balancer;
  readonly ingress: Balancer;
  readonly admin: Balancer;
  readonly url: string;
  stop(): Promise<void>;
}

export declare function installPrograms(): Promise<void>;

export declare function startCluster(options: {
  readonly folder: string;
  readonly workflows: string;
  readonly key: string;
  readonly processes: number;
  readonly restateNodes: number;
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: readonly string[];
  readonly isDisturbed?: boolean;
  readonly startPooler?: ((url: string) => Promise<Pooler>) | null;
}): Promise<StartedCluster>;
