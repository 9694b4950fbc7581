import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { vi } from 'vitest';

/** A server that was started as somebody starts it who has installed it. */
export class Started {
  output = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown[]>;

  constructor(
    command: string,
    args: readonly string[],
    options: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string; readonly uid?: number },
  ) {
    const { uid, ...others } = options;
    const user = uid === undefined ? {} : { uid, gid: uid };
    this.#child = spawn(command, args, { ...others, ...user, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (text) => (this.output += text));
    this.#ended = once(this.#child, 'exit');
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Where it serves; `none` when it has not said so. */
  get url(): string {
    return /Errand serves on (\S+)/.exec(this.output)?.[1] ?? 'none';
  }

  /** A build among other work may take minutes. Fails with what was said instead, at once where it has ended. */
  async untilSays(words: string): Promise<void> {
    const isSaid = (): boolean => this.output.includes(words) || this.#child.exitCode !== null;
    await vi.waitUntil(isSaid, { timeout: 120_000, interval: 20 }).catch(() => undefined);
    if (!this.output.includes(words)) throw new Error(`It has not said "${words}" but: ${this.output}`);
  }

  async untilServing(): Promise<void> {
    await this.untilSays('Ctrl-C stops it');
  }

  /** Resolves with the exit code, or the signal's name. */
  async end(signal: NodeJS.Signals | null): Promise<unknown> {
    if (signal !== null) this.#child.kill(signal);
    const [code, by] = await this.#ended;
    return code ?? by;
  }
}
