import { afterEach } from 'vitest';
import { startRestStub, type StubAnswer } from '../http/rest-stub.js';
import { runCommand, type CommandOptions } from './run-command.js';

/** The command line against a stub of the REST API; what a test started is closed after it. */

const NOW = Date.parse('2026-11-21T12:03:00Z');
export const KEY = 'sk_live_0123456789abcdefghijklmnopqrstuv';

export const closers: (() => Promise<void>)[] = [];
/** To be called by the file whose tests are to have it. */
export function setUp(): void {
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });
}

export async function stub(answer: StubAnswer): ReturnType<typeof startRestStub> {
  const server = await startRestStub(answer);
  closers.push(() => server.close());
  return server;
}

/** Runs a command line against the server at `url`, at a fixed moment. */
export function cli(
  argv: readonly string[],
  options: CommandOptions & { readonly url?: string } = {},
): ReturnType<typeof runCommand> {
  return runCommand(argv, {
    now: () => NOW,
    ...options,
    env: { ERRAND_URL: options.url, ERRAND_API_KEY: KEY, ...options.env },
  });
}

export const ok = (body: object): { status: number; body: object } => ({ status: 200, body });
