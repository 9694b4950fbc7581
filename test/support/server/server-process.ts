import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..');
export const KEY = 'sk_live_0123456789abcdefghijklmnopqrstuv';

export interface ServeOptions {
  readonly data: string;
  readonly workflows?: string;
  readonly env?: Record<string, string>;
  /** The compiled command line; that of dist/ when not given. */
  readonly main?: string;
}

/** A real `errand serve` in a process of its own, from dist/. */
export class ServerProcess {
  readonly #child: ChildProcess;
  output = '';
  url = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(options: ServeOptions): Promise<ServerProcess> {
    const server = ServerProcess.spawn(options);
    await server.untilServing();
    return server;
  }

  /** Does not wait until it serves: see `untilServing`. */
  static spawn(options: ServeOptions): ServerProcess {
    const main = options.main ?? join(repository, 'dist', 'cli', 'main.js');
    if (!existsSync(main)) throw new Error('dist/ is missing: npm run build');
    const child = spawn(process.execPath, [main, 'serve', '--port', '0', '--data', options.data], {
      env: {
        PATH: process.env['PATH'],
        ERRAND_BOOTSTRAP_KEY: KEY,
        ERRAND_WORKFLOWS: options.workflows ?? join(repository, 'workflows'),
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ServerProcess(child);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Throws when the process ends before it serves. */
  async untilServing(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        this.output += chunk.toString();
        const match = /Errand serves on (\S+)/.exec(this.output);
        if (match?.[1] === undefined || this.url !== '') return;
        this.url = match[1];
        resolve();
      };
      this.#child.stdout?.on('data', read);
      this.#child.stderr?.on('data', read);
      this.#child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${this.output}`)));
    });
  }

  /** Resolves when the process has ended. */
  async ended(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'exit');
  }

  /** Resolves with the exit code, or the signal's name. */
  async end(signal: NodeJS.Signals): Promise<number | string | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const exited = once(this.#child, 'exit') as Promise<[number | null, string | null]>;
    this.#child.kill(signal);
    const [code, by] = await exited;
    return code ?? by;
  }

  async api(
    path: string,
    init: { method?: string; body?: unknown; key?: string } = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method: init.method ?? 'GET',
      headers: { authorization: `Bearer ${init.key ?? KEY}`, 'content-type': 'application/json' },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  }
}
