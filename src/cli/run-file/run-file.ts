import { ErrandError, errorMessage } from '../../core/errors.js';
import { isJsonObject, type Json } from '../../core/json.js';
import type { ApiEvent, ApiRun } from '../../api/api-types.js';
import type { ErrandClient } from '../../api/client/client.js';
import { listRunEvents } from '../../api/endpoints/runs.js';

/** All that a server tells of a run: what `errand export` writes and `errand open` shows. */
export interface RunFile {
  readonly format: 'errand-run';
  readonly version: 1;
  /** RFC 3339. */
  readonly exported_at: string;
  /** What was left out or masked, in words; empty when the file holds everything. */
  readonly left_out: readonly string[];
  /** The run, then those that it started, theirs, and so on. */
  readonly runs: readonly ExportedRun[];
}

export interface ExportedRun {
  readonly run: ApiRun;
  /** Its whole log, oldest first. */
  readonly events: readonly ApiEvent[];
}

const MAX_EXPORTED_RUNS = 1_000;

/** Reads a run with its log, and all runs below it. */
export async function readRun(client: ErrandClient, runId: string, now: number): Promise<RunFile> {
  const runs: ExportedRun[] = [];
  const left: string[] = [];
  const ids = [runId];
  for (const id of ids) {
    if (runs.length === MAX_EXPORTED_RUNS) {
      left.push(`${ids.length - runs.length} or more of the runs that it started: a file holds ${MAX_EXPORTED_RUNS}`);
      break;
    }
    const run = await client.getRun(id);
    const events = await readEvents(client, id);
    runs.push({ run, events });
    for (const child of childrenOf(events)) if (!ids.includes(child)) ids.push(child);
  }
  return { format: 'errand-run', version: 1, exported_at: new Date(now).toISOString(), left_out: left, runs };
}

async function readEvents(client: ErrandClient, id: string): Promise<readonly ApiEvent[]> {
  const all: ApiEvent[] = [];
  for (let after: number | null = 0; after !== null;) {
    const page: { readonly events: readonly ApiEvent[]; readonly next_after: number | null } = await client.call(
      listRunEvents,
      { path: { id }, query: { after } },
    );
    all.push(...page.events);
    after = page.next_after;
  }
  return all;
}

/** The runs that nodes of a run started, by its log: also of attempts before the last. */
function childrenOf(events: readonly ApiEvent[]): readonly string[] {
  return events.flatMap(({ kind, data }) => {
    const child = data['run_id'];
    return kind === 'node.waiting' && typeof child === 'string' ? [child] : [];
  });
}

/** Throws `invalid_input` for a text that is no such file. */
export function parseRunFile(text: string, name: string): RunFile {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new ErrandError('invalid_input', `${name} is not JSON: ${errorMessage(cause)}.`, { cause });
  }
  if (!isJsonObject(value) || value['format'] !== 'errand-run' || !Array.isArray(value['runs'])) {
    throw new ErrandError('invalid_input', `${name} holds no run: it is not what errand export writes.`);
  }
  if (value['version'] !== 1) {
    throw new ErrandError('invalid_input', `${name} was written by a newer Errand: take that to open it.`);
  }
  return value as unknown as RunFile;
}
