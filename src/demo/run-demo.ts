import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CliContext } from '../cli/command/cli-context.js';
import { ErrandClient } from '../api/client/client.js';
import { toExitCode, exitCodeOfSignal } from '../cli/terminal/exit-codes.js';
import { toRunId } from '../cli/command/run-id.js';
import { waitForEnd } from '../cli/command/wait-for-end.js';
import { showUntilEnd } from '../cli/command/watch-run.js';
import { ErrandError } from '../core/errors.js';
import type { Fault } from '../core/workflow/definition.js';
import { readHostRules } from '../outbound/host-rules.js';
import type { ApiRun } from '../api/api-types.js';
import { startServer } from '../app/server.js';
import { renderCheckupReport } from './checkup-report.js';
import type { Checkup } from './checkup-report.js';
import { callTool, renderExchange, textField } from './mcp-exchange.js';
import type { McpExchange } from './mcp-exchange.js';
import { startSampleSite } from './sample-site/site.js';

const MAX_CHECKUP_SECONDS = 600;

/**
 * A throwaway server and a sample web site with planted faults, both on loopback: five agents examine the site in front
 * of the reader's eyes, and the very requests that an MCP client would make are shown. Leaves nothing behind. Gives the
 * exit code.
 */
export async function runDemo({ context }: { readonly context: CliContext }): Promise<number> {
  const stop = new AbortController();
  let interruptedBy: NodeJS.Signals | null = null;
  const forget = context.io.onInterrupt((signal) => {
    interruptedBy = signal;
    stop.abort();
  });
  const cleanUps: (() => Promise<unknown>)[] = [forgetAsync(forget)];
  try {
    const stage = await setStage(cleanUps);
    return await play({ context, stage, signal: stop.signal });
  } catch (error) {
    if (interruptedBy === null) throw error;
    return exitCodeOfSignal(interruptedBy);
  } finally {
    for (const cleanUp of cleanUps.toReversed()) await cleanUp();
  }
}

/** Where the demo plays. */
interface Stage {
  readonly serverUrl: string;
  readonly siteUrl: string;
  readonly key: string;
  readonly client: ErrandClient;
}

async function setStage(cleanUps: (() => Promise<unknown>)[]): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'errand-demo-'));
  cleanUps.push(() => rm(dataDir, { recursive: true, force: true }));
  const site = await startSampleSite();
  cleanUps.push(() => site.close());
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    // The workflows that ship with the package, two folders up from here in src/ and in dist/ alike.
    workflowsDir: fileURLToPath(new URL('../../workflows', import.meta.url)),
    logLevel: 'error',
    // The sample site is on this machine, where checkups do not go otherwise.
    outboundAllow: readHostRules(new URL(site.url).host).rules,
  });
  cleanUps.push(() => server.close());
  if (!server.workflowIds.includes('site_checkup')) throw notLoaded(server.faults);
  if (server.firstKey === null) throw new ErrandError('internal', 'The demo server has made no key.');
  const client = new ErrandClient({ url: server.url, apiKey: server.firstKey });
  return { serverUrl: server.url, siteUrl: site.url, key: server.firstKey, client };
}

/** The packages of the workflows that ship are not Errand's own, and so not installed with it. */
function notLoaded(faults: readonly Fault[]): ErrandError {
  const why = faults
    .filter(({ file }) => file.includes('site_checkup'))
    .map(({ file, message }) => `${file}: ${message}`);
  const help = 'Where Errand was installed as a package, `npm install axe-core cheerio jsdom` beside it brings them.';
  return new ErrandError('unavailable', ['The workflow of the demo cannot be loaded.', ...why, help].join('\n'));
}

interface Act {
  readonly context: CliContext;
  readonly stage: Stage;
  readonly signal: AbortSignal;
}

async function play(act: Act): Promise<number> {
  const { context, stage } = act;
  if (!context.json) printOpening(act);
  const call = { baseUrl: stage.serverUrl, key: stage.key };
  const started = await callTool({
    ...call,
    contract: 'A',
    tool: 'run_workflow',
    args: { workflow_id: 'site_checkup', input_data: { url: stage.siteUrl } },
  });
  const run = await watchToEnd(act, toRunId(textField(started, 'run_id')));
  const checkup = run.output as Checkup | undefined;
  if (checkup === undefined) {
    throw new ErrandError(
      'internal',
      `The checkup ended ${run.status} without a report: ${run.error?.message ?? run.output_error ?? ''}`,
    );
  }
  const exchanges = [
    started,
    await callTool({
      ...call,
      contract: 'A',
      tool: 'get_run_status',
      args: { run_id: textField(started, 'run_id') },
    }),
    ...(await callContractB(act, run)),
  ];
  if (context.json) context.printJson({ run, exchanges });
  else printResults({ ...act, run, checkup, exchanges });
  return toExitCode(run.status);
}

function printOpening({ context, stage }: Act): void {
  const { style } = context;
  context.printLines([
    '',
    style('bold', 'Five agents examine a web site with planted faults'),
    '',
    `${style('dim', 'A throwaway server:')}  ${stage.serverUrl}`,
    `${style('dim', 'A sample web site:')}   ${stage.siteUrl}`,
    style('dim', 'Both run on this machine only, and nothing stays behind.'),
    '',
  ]);
}

async function watchToEnd({ context, stage, signal }: Act, runId: string): Promise<ApiRun> {
  const { client } = stage;
  const run = await client.getRun(runId);
  try {
    if (!context.json) return await showUntilEnd({ context, client, run, signal, hint: 'Ctrl-C ends the demo' });
    const ended = await waitForEnd({ context, client, run, waitSeconds: MAX_CHECKUP_SECONDS });
    signal.throwIfAborted();
    return ended.run;
  } catch (error) {
    // A server with nothing running closes at once; whether the run can still be cancelled no longer matters.
    if (signal.aborted) await client.cancelRun(runId, { reason: 'the demo was ended' }).catch(() => undefined);
    throw error;
  }
}

/** Starts another run through contract B, which is not waited for, and reads the first one through it. */
async function callContractB({ stage }: Act, run: ApiRun): Promise<readonly McpExchange[]> {
  const call = { contract: 'B', baseUrl: stage.serverUrl, key: stage.key } as const;
  const another = await callTool({
    ...call,
    tool: 'run_workflow',
    args: {
      workflowId: 'site_checkup',
      configuration: { url: stage.siteUrl, context: 'Our customers mostly use phones.' },
    },
  });
  const status = await callTool({ ...call, tool: 'get_run_status', args: { runId: run.run_id } });
  await stage.client.cancelRun(textField(another, 'runId'), { reason: 'the demo is over' });
  return [another, status];
}

function printResults(
  params: Act & { readonly run: ApiRun; readonly checkup: Checkup; readonly exchanges: readonly McpExchange[] },
): void {
  const { context, stage, run, checkup, exchanges } = params;
  const { style } = context;
  const width = Math.min(context.width ?? 120, 120) - 1;
  const heading = (text: string): string[] => [
    '',
    style('cyan', `━━ ${text} ${'━'.repeat(Math.max(0, width - text.length - 4))}`),
    '',
  ];
  context.printLines([
    ...heading('The report'),
    ...renderCheckupReport({ run, checkup, width, style }),
    ...heading('What went over the wire'),
    'The same run, started and read by clients of two published contracts; long parts are cut.',
  ]);
  for (const exchange of exchanges)
    context.printLines(['', ...renderExchange({ exchange, key: stage.key, width, style })]);
  context.printLines(['', `${style('green', 'Done.')} Start a server of your own with ${style('bold', 'npm start')}.`]);
}

function forgetAsync(forget: () => void): () => Promise<void> {
  return () => {
    forget();
    return Promise.resolve();
  };
}
