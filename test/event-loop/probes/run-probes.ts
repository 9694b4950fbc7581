import { setTimeout } from 'node:timers/promises';
import type { JsonObject } from '../../../src/core/json.js';
import { fill, sampleOf, type HostileText } from '../hostile-json.js';
import type { MeasuredServer, Probe } from '../measured-server.js';
import { BODY_BYTES, IS_WHOLE, STRUCTURES, STRINGS, bodyProbe, shareOf, type ProbeGroup } from './probe-groups.js';

/**
 * Inputs that begin runs, which give them back: what is measured is their whole way, until they have ended and are read
 * again.
 */
export function runsOf(workflow: string): ProbeGroup {
  const probes = [...STRUCTURES, ...STRINGS].map((hostile) => ({
    name: hostile.name,
    send: async (server: MeasuredServer) => {
      const begin = Buffer.from(`{"workflow_id":"${workflow}","wait_seconds":20,"input":`);
      const { text } = await server.send({
        method: 'POST',
        path: '/api/v1/runs',
        body: [begin, hostile.text, Buffer.from('}')],
      });
      const id = /"run_id":"([^"]+)"/.exec(text.slice(0, 500))?.[1];
      if (id === undefined) return;
      await server.send({ method: 'GET', path: `/api/v1/runs/${id}` });
      await server.send({ method: 'GET', path: `/api/v1/runs/${id}/events` });
    },
  }));
  return { name: `a run of ${workflow} with its input`, probes };
}

/** What is let in by its size and depth. */
const FORMS = STRUCTURES.filter(({ name }) => /^an? (list|object) of /.test(name));
/** Within the bounds of values and names, whatever an item is. */
const MAX_FITTING = 7_000;

/** Inputs for each form that the schema of `forms` knows, some that fit and some that nearly do. */
export function formGroups(properties: JsonObject): readonly ProbeGroup[] {
  const request = { method: 'POST', path: '/api/v1/runs' };
  return Object.entries(properties).map(([name, schema], place) => {
    const before = Buffer.from(`{"workflow_id":"forms","input":{"${name}":`);
    const behind = Buffer.from('}}');
    const unit = JSON.stringify(sampleOf(schema));
    const isText = unit.startsWith('"');
    const items = unit.startsWith('[') ? unit.slice(1, -1) : unit;
    const fitting = Buffer.from(fill(BODY_BYTES, () => items, { most: MAX_FITTING }));
    const texts = isText ? STRINGS : [...FORMS, { name: `${items} again and again`, text: fitting }];
    return {
      name: `an input for ${name}`,
      probes: shareOf(texts, place, 16).map((hostile) =>
        bodyProbe(hostile.name, request, [before, hostile.text, behind]),
      ),
    };
  });
}

/**
 * Runs that ask a service, which answers with what stands at `url` followed by a number: each of these. Some by another
 * run, which hands the answer on.
 */
export function serviceGroup(url: string, answers: readonly HostileText[]): ProbeGroup {
  const probesOf = (workflow_id: string): Probe[] =>
    answers.map(({ name }, index) =>
      runProbe(`${name} (${workflow_id})`, { workflow_id, input: { url: `${url}/${index}` } }),
    );
  return {
    name: 'the answer of a service',
    probes: [...probesOf('asks_service'), ...shareOf(probesOf('hands_on'), 2, 4)],
  };
}

/** Runs that call a tool of an MCP server, which gives each of these results. */
export function toolGroup(results: readonly HostileText[]): ProbeGroup {
  const probes = results.map(({ name }, which) => runProbe(name, { workflow_id: 'asks_mcp', input: { which } }));
  return { name: 'the result of a tool', probes: shareOf(probes, 0, 3) };
}

const MANY = IS_WHOLE ? 8_000_000 : 2_000_000;
/** One long text, of letters that take more or less, many that are long together, a map of many items. */
const SIZES = [
  [MANY, 0, 'ab'],
  [MANY / 2, 0, '\u{1F600}'],
  [MANY, 0, '漢'],
  [300_000, 100, 'ab'],
  [100, 20_000, 'ab'],
] as const;
const GROWTHS = SIZES.map(([size, items, letters]) => ({
  name: `${size} times ${letters} in ${items} items`,
  input: { size, items, letters },
}));

/** Runs that come to much. */
export function growthGroup(): ProbeGroup {
  const probes = GROWTHS.map(({ name, input }) => runProbe(name, { workflow_id: 'grows', input }));
  for (const { name, input } of GROWTHS.filter((growth) => growth.input.items === 0))
    probes.push(runProbe(`${name}, gathered`, { workflow_id: 'gathers', input }));
  return { name: 'a run that grows', probes };
}

/**
 * Runs that come to much and fail, which are taken up again, and done again from their last node on: one by itself, and
 * several at a time.
 */
export function secondChanceGroup(): ProbeGroup {
  const growths = shareOf(GROWTHS, 1, 2);
  const probe = (name: string, input: JsonObject, runs: number): Probe => ({
    name,
    send: async (server) => {
      const ended = await Promise.all(Array.from({ length: runs }, () => giveSecondChances(server, input)));
      const other = ended.find((status) => status !== 'failed');
      if (other !== undefined) throw new Error(`${name}: the rerun is ${other}`);
    },
  });
  return {
    name: 'a second chance of a run that grows',
    probes: [
      ...growths.map(({ name, input }) => probe(name, input, 1)),
      ...growths.map(({ name, input }) => probe(`${name}, several at a time`, input, 4)),
    ],
  };
}

/** What the last of the runs ends as. */
async function giveSecondChances(server: MeasuredServer, input: JsonObject): Promise<string> {
  interface Answer {
    readonly run_id: string;
    readonly status: string;
    readonly terminal: boolean;
  }
  const ask = async (method: string, path: string, body?: JsonObject): Promise<Answer> =>
    (await server.json(method, path, body)) as unknown as Answer;
  // Requests go one after the other: what is waited for here keeps others from being sent.
  const untilEnded = async (id: string): Promise<string> => {
    for (;;) {
      const { status, terminal } = await ask('GET', `/runs/${id}`);
      if (terminal) return status;
      await setTimeout(50);
    }
  };
  const { run_id: id } = await ask('POST', '/runs', { workflow_id: 'breaks', input });
  await untilEnded(id);
  await ask('POST', `/runs/${id}/retry`, {});
  await untilEnded(id);
  const rerun = await ask('POST', `/runs/${id}/rerun`, { from_node: 'fails' });
  return untilEnded(rerun.run_id);
}

/** As many runs as one call may start, some of which are refused. */
export function batchGroup(): ProbeGroup {
  const runs = Array.from({ length: 1_000 }, (_, index) =>
    index % 2 === 0
      ? { workflow_id: 'echo', input: { index, text: 'x'.repeat(500) } }
      : { workflow_id: 'order', input: { lines: [{ name: 'x'.repeat(100), count: 'many' }] } },
  );
  const body = [Buffer.from(JSON.stringify({ runs }))];
  const send = async (server: MeasuredServer): Promise<void> => {
    await server.send({ method: 'POST', path: '/api/v1/runs/batch', body });
  };
  return { name: 'a batch', probes: [{ name: 'of 1,000 runs', send }] };
}

/** What is read of a run. Nodes of these names are in workflows that come to much. */
const PARTS = ['', '/events', '/graph', '/nodes/text/input', '/nodes/each/input', '/nodes/each/items'];
/** How each contract is asked for what a run has come to. */
const ASKED = [
  { path: '/mcp', args: (id: string) => ({ run_id: id }) },
  { path: '/mcp/workflows', args: (id: string) => ({ run_id: id.replace('run_', 'agent_run_').replaceAll('-', '') }) },
  { path: '/api/mcp-app', args: (id: string) => ({ runId: id.replace('run_', '') }) },
] as const;

/** Starts a run, waits for its end, and looks at it again, by REST and by each contract. */
function runProbe(name: string, body: JsonObject): Probe {
  const path = '/api/v1/runs';
  const started = [Buffer.from(JSON.stringify({ ...body, wait_seconds: 25 }))];
  return {
    name,
    send: async (server) => {
      const { text } = await server.send({ method: 'POST', path, body: started });
      const id = /"run_id":"(\w+-[\w-]+)"/.exec(text.slice(0, 200))?.[1] ?? '';
      for (const part of PARTS) await server.send({ method: 'GET', path: `${path}/${id}${part}` });
      const call = async (mount: string, method: string, params: JsonObject): Promise<void> => {
        const message = { jsonrpc: '2.0', id: 1, method, params };
        await server.send({ method: 'POST', path: mount, body: [Buffer.from(JSON.stringify(message))] });
      };
      for (const { path: mount, args } of ASKED)
        await call(mount, 'tools/call', { name: 'get_run_status', arguments: args(id) });
      for (const part of ['', '/nodes/text'])
        await call('/mcp', 'resources/read', { uri: `errand://runs/${id}${part}` });
      await call('/mcp', 'tasks/result', { taskId: id });
    },
  };
}
