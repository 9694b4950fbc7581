import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ApiBatch, ApiRunRequest } from '../../../api/api-types.js';
import type { BodyOf } from '../../../api/endpoint.js';
import { startRuns } from '../../../api/endpoints/runs.js';
import { MAX_BATCH_RUNS } from '../../../api/endpoints/fields.js';
import { errorMessage } from '../../../core/errors.js';
import type { Json } from '../../../core/json.js';
import { parseJson } from '../../../core/text/parse-json.js';
import type { CliContext } from '../../command/cli-context.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';

type Request = BodyOf<typeof startRuns>['runs'][number];

/** So many characters of inputs go into one call: a body holds a mebibyte. */
const MAX_CHARACTERS = 700_000;

export interface BatchParams {
  /** A file of JSON lines, or `-`. */
  readonly source: string;
  /** What all runs have in common; its key is the beginning of each run's own. */
  readonly common: Omit<ApiRunRequest, 'input' | 'wait_seconds'>;
}

/** Starts a run for each line of a file, many with each call. */
export async function runBatch(context: CliContext, { source, common }: BatchParams): Promise<number> {
  const client = context.client();
  const total = { started: 0, repeated: 0, refused: 0 };
  const outcomes: ApiBatch['outcomes'][number][] = [];
  let line = 0;
  for await (const runs of batches(context, source, common)) {
    const answer = await client.call(startRuns, { body: { runs } });
    for (const name of ['started', 'repeated', 'refused'] as const) total[name] += answer[name];
    if (context.json) outcomes.push(...answer.outcomes);
    for (const { run, error } of answer.outcomes) {
      line += 1;
      if (error !== null) context.note(`Line ${line}: ${error.message}`);
      else if (run !== null && !context.json && context.width === null) context.print(run.run_id);
    }
  }
  if (context.json) context.printJson({ ...total, outcomes });
  else if (context.width !== null) {
    const { started, repeated, refused } = total;
    context.print(`${started} started, ${repeated} started before, ${refused} refused.`);
  }
  return total.refused === 0 ? EXIT.ok : EXIT.error;
}

async function* batches(
  context: CliContext,
  source: string,
  { idempotency_key: key, ...common }: BatchParams['common'],
): AsyncGenerator<readonly Request[]> {
  let batch: Request[] = [];
  let characters = 0;
  let line = 0;
  for await (const text of readLines(context, source)) {
    line += 1;
    const own = key === undefined ? {} : { idempotency_key: `${key}:${line}` };
    const next = { ...common, ...own, input: toInput(text, line) };
    if (batch.length > 0 && (batch.length === MAX_BATCH_RUNS || characters + text.length > MAX_CHARACTERS)) {
      yield batch;
      [batch, characters] = [[], 0];
    }
    batch.push(next);
    characters += text.length + 200;
  }
  if (line === 0) throw new UsageError(`${source} has no lines. Give one JSON input a line.`);
  yield batch;
}

async function* readLines({ io }: CliContext, source: string): AsyncGenerator<string> {
  const input = source === '-' ? Readable.from(io.stdin) : createReadStream(source, 'utf8');
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) if (text.trim() !== '') yield text;
  } catch (error) {
    throw new UsageError(`Cannot read the file of inputs ${source}: ${errorMessage(error)}`);
  }
}

function toInput(text: string, line: number): Json {
  const parsed = parseJson(text);
  if (parsed.kind === 'json') return parsed.json;
  const why = parsed.reason === 'syntax' ? `is not JSON: ${parsed.detail}` : `cannot be taken. ${parsed.message}`;
  throw new UsageError(`Line ${line} ${why}. Give one JSON input a line.`);
}
