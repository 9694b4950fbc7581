import { relative } from 'node:path';
import type { Config } from './config/config.js';
import { describeAddress } from '../store/postgres/connection/address.js';
import type { RunningServer } from './running-server.js';

/** What a start prints: where the server is and, the first time, the key and what to paste. */
export interface Welcome {
  readonly server: RunningServer;
  readonly config: Config;
  /** Whether a person reads it as it comes, and not a log. */
  readonly isTerminal: boolean;
}

export function printWelcome(welcome: Welcome): void {
  process.stdout.write(`${welcomeText(welcome)}\n`);
}

export function welcomeText({ server, config, isTerminal }: Welcome): string {
  const url = config.publicUrl ?? server.url;
  const ready = server.workflowIds.filter((id) => !server.notReady.has(id));
  const lines = [
    `Errand serves on ${url}`,
    '',
    `  workflows    ${ready.join(', ') || 'none'}   (from ${shortPath(config.workflowsDir)})`,
    ...(server.notReady.size === 0
      ? []
      : [`  not ready    ${[...server.notReady.keys()].join(', ')}: npx errand models tells what to set`]),
    ...(config.databaseUrl === null ? [] : [`  database     ${describeAddress(config.databaseUrl)}`]),
    `  data         ${shortPath(config.dataDir)}`,
    ...(config.durability === 'full' ? [] : [RELAXED]),
    '',
    ...(server.console === null ? [] : [`  console                    ${url}/console`]),
    `  MCP                        ${url}/mcp`,
    `  MCP, contract workflows    ${url}/mcp/workflows/`,
    `  MCP, contract mcp-app      ${url}/api/mcp-app`,
    ...(server.metricsUrl === null ? [] : [`  metrics                    ${server.metricsUrl}`]),
    ...server.faults.map(faultLine),
    ...signInLink(url, { server, isTerminal }),
    ...(server.firstKey === null ? [] : firstStart(url, { key: server.firstKey, ready })),
    '',
    'Ctrl-C stops it; unfinished runs go on at the next start.',
  ];
  return lines.join('\n');
}

const RELAXED =
  '  durability   relaxed: a power cut may take back the last moments; a crash of this process takes nothing back';

function faultLine({ file, line, message }: RunningServer['faults'][number]): string {
  return `\n  Not loaded: ${file}${line === null ? '' : `:${line}`}: ${message}`;
}

function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short !== '' && !short.startsWith('..') ? `./${short}` : path;
}

/** Not into logs, where others may read it; at the first start they hold the key anyway. */
function signInLink(url: string, { server, isTerminal }: Omit<Welcome, 'config'>): string[] {
  const token = server.console?.signInToken ?? null;
  if (token === null || !(isTerminal || server.firstKey !== null)) return [];
  return [
    '',
    'Open the console, signed in (the link works once, within the hour):',
    '',
    `  ${url}/console/sign-in#${token}`,
  ];
}

/** What ships as an example, and needs neither a model nor a key. */
const EXAMPLE = { workflow_id: 'enrich_contact', input_data: { email: 'ada@example.com' } };

function firstStart(
  url: string,
  { key, ready }: { readonly key: string; readonly ready: readonly string[] },
): string[] {
  const hasExample = ready.includes(EXAMPLE.workflow_id);
  const call = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: hasExample ? { name: 'run_workflow', arguments: EXAMPLE } : { name: 'list_workflows', arguments: {} },
  };
  const client = {
    mcpServers: {
      errand: { type: 'http', url: `${url}/mcp`, headers: { Authorization: `Bearer ${key}` } },
    },
  };
  return [
    '',
    'Your API key, shown this once:',
    '',
    `  ${key}`,
    ...(ready.length > 0
      ? []
      : ['', 'Make workflows to begin with, and start Errand in their folder:', '', `  ${INIT}`]),
    '',
    hasExample ? 'Start a run:' : 'List the workflows:',
    '',
    `  curl -s ${url}/mcp/workflows/ -H 'Authorization: Bearer ${key}' \\`,
    `    -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \\`,
    `    -d '${JSON.stringify(call)}'`,
    '',
    'Or give it to an MCP client:',
    '',
    ...JSON.stringify(client, null, 2)
      .split('\n')
      .map((line) => `  ${line}`),
    '',
    'Or to the command line:',
    '',
    `  export ERRAND_URL=${url} ERRAND_API_KEY=${key}`,
    hasExample
      ? `  npx errand run ${EXAMPLE.workflow_id} --input '${JSON.stringify(EXAMPLE.input_data)}' --watch`
      : '  npx errand workflows',
  ];
}

const INIT = 'npx errand init my-workflows';
