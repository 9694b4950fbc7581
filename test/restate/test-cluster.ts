import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../bench/lib/processes/free-port.mjs';
import { ServerProcess } from '../support/server/server-process.js';
import { startTestPostgres, type TestPostgres } from '../postgres/test-postgres.js';
import { Balancer } from '../../cluster/lib/balancer.mjs';
import type { RestateNode } from '../../cluster/lib/restate.mjs';
import { startTestRestate } from './test-restate.js';

/** One Errand process, and where Restate reaches it. */
export interface Member {
  readonly server: ServerProcess;
  readonly callPort: number;
}

/** Several Errand processes on one Postgres, with a Restate. */
export class TestCluster {
  readonly postgres: TestPostgres;
  readonly restate: RestateNode;
  readonly balancer = new Balancer();
  readonly folder = mkdtempSync(join(tmpdir(), 'errand-cluster-'));
  readonly databaseUrl: string;
  readonly members: Member[] = [];
  #count = 0;

  private constructor(postgres: TestPostgres, restate: RestateNode, databaseUrl: string) {
    this.postgres = postgres;
    this.restate = restate;
    this.databaseUrl = databaseUrl;
  }

  /** `restateEnv`: settings of Restate. */
  static async start(size: number, restateEnv: Readonly<Record<string, string>> = {}): Promise<TestCluster> {
    const [postgres, restate] = await Promise.all([startTestPostgres(), startTestRestate(restateEnv)]);
    const cluster = new TestCluster(postgres, restate, await postgres.createDatabase());
    await cluster.balancer.start();
    await Promise.all(Array.from({ length: size }, () => cluster.join()));
    return cluster;
  }

  /** One process more, of the program `main` (see `ServeOptions`). */
  async join(env: Record<string, string> = {}, main?: string): Promise<Member> {
    const callPort = await freePort();
    this.balancer.add(callPort);
    this.#count += 1;
    const server = await ServerProcess.start({
      data: join(this.folder, `data-${this.#count}`),
      workflows: join(import.meta.dirname, 'workflows'),
      ...(main === undefined ? {} : { main }),
      env: {
        ERRAND_DATABASE_URL: this.databaseUrl,
        ERRAND_RESTATE_URL: this.restate.url,
        ERRAND_RESTATE_ADMIN_URL: this.restate.adminUrl,
        ERRAND_RESTATE_LISTEN: `127.0.0.1:${callPort}`,
        ERRAND_RESTATE_ADVERTISE: this.balancer.url,
        ERRAND_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
        ERRAND_BOOTSTRAP_CREDITS: '1000000',
        ERRAND_WORKERS: '1',
        ...env,
      },
    });
    const member = { server, callPort };
    this.members.push(member);
    return member;
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(({ server }) => server.end('SIGKILL')));
    await Promise.all([this.postgres.stop(), this.restate.stop(), this.balancer.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
