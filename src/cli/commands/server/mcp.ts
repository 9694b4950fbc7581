import { Readable } from 'node:stream';
import { isErrandError } from '../../../core/errors.js';
import type { Logger } from '../../../core/ports/logger.js';
import type { Contract } from '../../../mcp/contract/contract.js';
import type { StdioPeer } from '../../../mcp/stdio/stdio-session.js';
import type { CliContext } from '../../command/cli-context.js';
import type { CliCommand, GivenOptions } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import type { CliIo } from '../../terminal/io.js';
import { takeOutput } from '../../mcp/take-output.js';
import { UsageError } from '../../terminal/usage-error.js';

export const mcpCommand: CliCommand = {
  name: 'mcp',
  summary: 'Speak MCP on standard input and output, for desktop hosts',
  details:
    'A host like Claude Desktop or Cursor starts this by itself. With --url (or ERRAND_URL) it stands in front of that server, with the key in ' +
    'ERRAND_API_KEY. Else it opens the data folder and runs workflows itself, for the organization "default", without a key. Give absolute paths: hosts start ' +
    'it wherever they like. It ends with its input; unfinished runs go on when the data folder is opened again.',
  options: [
    {
      flags: '--contract <name>',
      description: 'which tools: native (default), workflows or mcp-app',
      choices: ['native', 'workflows', 'mcp-app'],
    },
    { flags: '--data <folder>', description: 'where the data is kept (default: ./.errand)', env: 'ERRAND_DATA' },
    {
      flags: '--workflows <folder>',
      description: 'the workflows to load (default: ./workflows)',
      env: 'ERRAND_WORKFLOWS',
    },
    {
      flags: '--log-level <level>',
      description: 'of the log on standard error (default: warn)',
      env: 'ERRAND_LOG_LEVEL',
    },
  ],
  examples: [
    'errand mcp --data ~/errand/data --workflows ~/errand/workflows',
    'ERRAND_API_KEY=sk_live_… errand mcp --url https://errand.example.com',
  ],
  async run(context, given) {
    const { MOUNTS } = await import('../../../http/mcp/mounts.js');
    const name = given.text('contract') ?? 'native';
    const mount = MOUNTS.find(({ contract }) => contract.name === name);
    if (mount === undefined) throw new Error(`no mount has the contract ${name}`);
    if (!isRemote(context, given)) return await serveFolder(context, given, mount.contract);
    const { RemotePeer } = await import('../../mcp/remote-peer.js');
    const { nodeClock } = await import('../../../app/process/node-clock.js');
    const { url, apiKey } = context.server();
    const logger = await createLineLogger(context.io, given);
    const peer = new RemotePeer({ url: url.replace(/\/+$/, '') + mount.path, apiKey, clock: nodeClock, logger });
    return await speak(context, { peer, logger });
  },
};

function isRemote(context: CliContext, given: GivenOptions): boolean {
  const local = given.text('data') !== undefined || given.text('workflows') !== undefined;
  if (local && context.serverNamedBy === 'flag') {
    throw new UsageError('--url is for a server that has its own data: leave --data and --workflows out, or --url.');
  }
  return !local && context.serverNamedBy !== null;
}

async function serveFolder(context: CliContext, given: GivenOptions, contract: Contract): Promise<number> {
  const { openLocalMcp } = await import('../../../app/local-mcp.js');
  const { guardAgainstHandlerCrashes } = await import('../../../app/process/handler-crash-guard.js');
  const logger = await createLineLogger(context.io, given);
  const peer = await asUsage(async () =>
    openLocalMcp({ config: await readConfig(context.io, given), contract, logger }),
  );
  guardAgainstHandlerCrashes(logger);
  return await speak(context, { peer, logger, close: () => peer.close() });
}

async function speak(
  context: CliContext,
  { peer, logger, close }: { readonly peer: StdioPeer; readonly logger: Logger; readonly close?: () => Promise<void> },
): Promise<number> {
  const { serveStdio } = await import('../../../mcp/stdio/stdio-session.js');
  const { nodeClock } = await import('../../../app/process/node-clock.js');
  const { stdin, stdout, stderr } = context.io;
  if (stdout.isTTY === true) context.note('MCP on standard input and output: for a host to start. Ctrl-D ends it.');
  const stop = new AbortController();
  const end = (): void => {
    stop.abort();
    if (stdin instanceof Readable) stdin.destroy();
  };
  const { write, release } = takeOutput({ output: stdout, rest: stderr, onGone: end });
  const ignore = context.io.onInterrupt(end);
  try {
    await serveStdio({ input: stdin, write, peer, stop: stop.signal, clock: nodeClock, logger });
  } finally {
    await close?.();
    ignore();
    release();
  }
  return EXIT.ok;
}

async function createLineLogger(io: CliIo, given: GivenOptions): Promise<Logger> {
  const { createLogger } = await import('../../../app/process/logger.js');
  return createLogger(await asUsage(() => readConfig(io, given)));
}

async function readConfig(io: CliIo, given: GivenOptions) {
  const { loadConfig } = await import('../../../app/config/config.js');
  const flags = {
    ...optional('data', given.text('data')),
    ...optional('workflows', given.text('workflows')),
    ...optional('logLevel', given.text('logLevel')),
  };
  return loadConfig({ env: io.env, flags });
}

/** A setting that is wrong: nothing was started. */
async function asUsage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isErrandError(error) && error.code === 'invalid_input') throw new UsageError(error.message);
    throw error;
  }
}
