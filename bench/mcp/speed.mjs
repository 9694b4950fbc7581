import { join } from 'node:path';
import { startCollector } from '../lib/collector.mjs';
import { millis, renderTable, whole } from '../lib/table.mjs';
import { processorSeconds, startClients, startErrand, startServer } from './processes.mjs';
import { CONTRACTS, ERAS, rpc, send, toolCall } from './requests.mjs';
import { makeRuns } from './runs-in-store.mjs';
import { tokenFor } from './token.mjs';

const WARM_UP_SECONDS = 1;
/** Errand, asked with an access token. */
const WITH_TOKEN = 'errand-token';
/** A second Errand, which tells a collector of OpenTelemetry what it does. */
const WITH_TELEMETRY = 'errand-telemetry';

/**
 * Each case is one request. All servers run all the time and are loaded one after another, round after round, so that
 * what else the machine does meets them alike; the median of the rounds counts.
 */
export async function measureSpeed(options) {
  const { folder, key, seconds, rounds, connections, contracts, sdks, telemetry, nodeOptions, say } = options;
  const stops = [];
  try {
    const errand = await startErrand({ data: folder, key, nodeOptions });
    stops.push(errand.stop);
    const cases = await makeCases({ url: errand.url, key, contracts });
    const tools = await listTools({ url: errand.url, key, contracts });
    const token = options.token ? await tokenFor({ url: errand.url, key }) : null;
    const servers = { errand, [WITH_TOKEN]: errand };
    const observed = telemetry ? await startObserved({ folder, key, contracts, stops }) : null;
    if (observed !== null) servers[WITH_TELEMETRY] = observed.errand;
    for (const name of ['bare', ...(sdks ? ['sdk-2', 'sdk-1'] : [])]) {
      servers[name] = await startServer(name, { cases, key, tools });
      stops.push(servers[name].stop);
    }
    const clients = startClients();
    stops.push(clients.stop);
    const targets = cases.flatMap((one) => [
      ...targetsOf(one, { sdks, token }),
      ...(observed?.cases ?? []).filter(({ caseId }) => caseId === one.caseId),
    ]);
    const measure = async (target, forSeconds) => {
      const { url, pid } = servers[target.server];
      const before = processorSeconds(pid);
      const measured = await clients.apply({ url, request: target.request, connections, seconds: forSeconds });
      const used = before === null ? null : processorSeconds(pid) - before;
      check(target, measured);
      return { ...measured, processorMicros: used === null ? null : (used / measured.count) * 1e6 };
    };
    for (const target of targets) await measure(target, WARM_UP_SECONDS);
    const measured = new Map(targets.map((target) => [target, []]));
    for (let round = 1; round <= rounds; round++) {
      say(`speed: round ${round} of ${rounds}, ${targets.length} loads of ${seconds} s`);
      for (const target of targets) measured.get(target).push(await measure(target, seconds));
    }
    return targets.map((target) => ({
      caseId: target.caseId,
      contract: target.contract,
      era: target.era,
      run: target.run,
      server: target.server,
      ...medians(measured.get(target)),
    }));
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

/** With runs of its own, as it has a data folder of its own. */
async function startObserved({ folder, key, contracts, stops }) {
  const collector = await startCollector();
  stops.push(collector.stop);
  const errand = await startErrand({ data: join(folder, 'observed'), key, env: collector.env });
  stops.push(errand.stop);
  const cases = await makeCases({ url: errand.url, key, contracts });
  return { errand, cases: cases.map((one) => ({ ...one, server: WITH_TELEMETRY })) };
}

async function makeCases({ url, key, contracts }) {
  const runs = await makeRuns({ url, key });
  const cases = [];
  for (const contract of contracts) {
    for (const era of ERAS) {
      for (const [run, id] of Object.entries(runs)) {
        const args = CONTRACTS[contract].arguments(id);
        const request = toolCall({ contract, era, key, name: 'get_run_status', args });
        const { result } = await send(url, request);
        if (result.isError === true) throw new Error(`${contract} does not find the run: ${JSON.stringify(result)}`);
        cases.push({ caseId: `${contract}-${era}-${run}`, contract, era, run, args, request, result });
      }
    }
  }
  return cases;
}

async function listTools({ url, key, contracts }) {
  const tools = {};
  for (const contract of contracts) {
    const { path } = CONTRACTS[contract];
    const { result } = await send(url, rpc({ path, era: '2025-11-25', key, method: 'tools/list' }));
    tools[contract] = { path, tools: result.tools };
  }
  return tools;
}

function targetsOf(one, { sdks, token }) {
  const bare = { ...one, server: 'bare', request: { ...one.request, path: `/${one.caseId}` } };
  const known = sdks ? (one.era === '2025-11-25' ? ['sdk-2', 'sdk-1'] : ['sdk-2']) : [];
  // Tokens are for the native contract.
  const withToken =
    token === null || one.contract !== 'native' ? [] : [{ ...one, request: bearing(one.request, token) }];
  const errands = [{ ...one, server: 'errand' }, ...withToken.map((target) => ({ ...target, server: WITH_TOKEN }))];
  return [bare, ...errands, ...known.map((server) => ({ ...one, server }))];
}

function bearing(request, token) {
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}

/** Every server must have answered everything, and with the same run. */
function check({ server, caseId, result }, { refused, sample }) {
  if (refused > 0) throw new Error(`${server} refused ${refused} requests of ${caseId}: ${sample}`);
  // SDK 2 answers clients of the handshake era with a stream of one event.
  const answered = JSON.parse(/^data: (.*)$/m.exec(sample)?.[1] ?? sample).result;
  const fields = ({ content, structuredContent }) => structuredContent ?? JSON.parse(content[0].text);
  const lasting = (one) => JSON.stringify({ ...fields(one), poll_after_ms: 0 });
  if (lasting(answered) !== lasting(result)) {
    throw new Error(`${server} answered ${caseId} with something else: ${sample}`);
  }
}

function medians(all) {
  const median = (field) => all.map((one) => one[field]).toSorted((a, b) => a - b)[Math.floor(all.length / 2)];
  const { bytes } = all[0];
  return Object.fromEntries([
    ...['perSecond', 'p50', 'p99', 'processorMicros'].map((field) => [field, median(field)]),
    ['bytes', bytes],
  ]);
}

const NAMES = {
  bare: 'bare node:http',
  errand: 'Errand',
  [WITH_TOKEN]: 'Errand, an access token in place of the key',
  [WITH_TELEMETRY]: 'Errand, with telemetry',
  'sdk-2': 'official SDK 2, createMcpHandler',
  'sdk-1': 'official SDK 1, stateless transport',
};

const LIMITS = { bare: 0.5, 'sdk-2': 10, 'sdk-1': 10 };

/** The least, the middle and the most. */
function rangeOf(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [least, middle, most] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return `${least.toFixed(2)} to ${most.toFixed(2)} (median ${middle.toFixed(2)})`;
}

export function reportSpeed(results) {
  const cases = groupByCase(results);
  const tables = [...cases.values()].map(tableOf);
  const errands = results.filter(({ server }) => server === 'errand');
  const verdicts = Object.entries(LIMITS).flatMap(([other, limit]) => {
    const pairs = errands.flatMap((one) => {
      const found = results.find(({ server, caseId }) => server === other && caseId === one.caseId);
      return found === undefined ? [] : [[one, found]];
    });
    if (pairs.length === 0) return [];
    const rates = rangeOf(pairs.map(([errand, found]) => errand.perSecond / found.perSecond));
    const processor = rangeOf(pairs.map(([errand, found]) => found.processorMicros / errand.processorMicros));
    return [`${rates} times the requests/s of the ${NAMES[other]}, ${processor} by processor (the limit is ${limit})`];
  });
  for (const [other, what] of [
    [WITH_TOKEN, 'with an access token'],
    [WITH_TELEMETRY, 'with telemetry'],
  ]) {
    const pairs = errands.flatMap((one) => {
      const found = results.find(({ server, caseId }) => server === other && caseId === one.caseId);
      return found === undefined ? [] : [[one, found]];
    });
    if (pairs.length === 0) continue;
    const rates = rangeOf(pairs.map(([plain, found]) => found.perSecond / plain.perSecond));
    const processor = rangeOf(pairs.map(([plain, found]) => found.processorMicros / plain.processorMicros));
    verdicts.push(`${what} ${rates} times the requests/s without, ${processor} times the processor`);
  }
  return [
    'get_run_status over kept connections, keys checked and schemas validated (the bare server does neither)',
    ...tables,
    `Over all cases Errand does\n${verdicts.map((verdict) => `  ${verdict}`).join('\n')}`,
  ].join('\n\n');
}

function groupByCase(results) {
  const cases = new Map();
  for (const one of results) cases.set(one.caseId, [...(cases.get(one.caseId) ?? []), one]);
  return cases;
}

function tableOf(rows) {
  const [{ contract, era, run }] = rows;
  const errand = rows.find(({ server }) => server === 'errand');
  const title = `${contract}, ${era}, a run that ${run === 'completed' ? 'has completed' : 'has five agents at work'}`;
  const cells = rows.map((row) => [
    NAMES[row.server],
    whole(row.perSecond),
    millis(row.p50),
    millis(row.p99),
    row.processorMicros === null ? '?' : row.processorMicros.toFixed(1),
    whole(row.bytes),
    row === errand ? '' : `${(errand.perSecond / row.perSecond).toFixed(2)} ×`,
    row === errand || row.processorMicros === null
      ? ''
      : `${(row.processorMicros / errand.processorMicros).toFixed(2)} ×`,
  ]);
  const header = [title, 'requests/s', 'p50 ms', 'p99 ms', 'processor µs', 'bytes', 'Errand is', 'by processor'];
  return renderTable(header, cells);
}
