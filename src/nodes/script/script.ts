import { availableParallelism } from 'node:os';
import { compileFunction } from 'node:vm';
import { parseDuration } from '../../core/time/duration.js';
import { errorMessage } from '../../core/errors.js';
import { parseInTurns } from '../../core/large-json/parse-in-turns.js';
import { writePieces } from '../../core/large-json/write-in-turns.js';
import { NodeFailure, type FieldProblem, type NodeContext, type NodeKind } from '../../core/handlers/node-kind.js';
import type { WorkerPool } from '../../core/ports/node-slots.js';
import { parseSize } from './parse-size.js';
import { ScriptPool, type ScriptFailure, type ScriptJob } from './script-pool.js';

const MIB = 1024 * 1024;
const DEFAULTS = { memory: 32 * MIB, time: 2_000, output: MIB };
const MAX_LIMITS = { memory: 512 * MIB, time: 300_000, output: 8 * MIB };
const MIN_LIMITS = { memory: MIB, time: 1, output: 2 };

const PER_ORGANIZATION = Math.max(2, Math.min(4, availableParallelism()));
const THREADS: WorkerPool = {
  name: 'threads for scripts',
  size: PER_ORGANIZATION + 1,
  perOrganization: PER_ORGANIZATION,
};

/** Started with the first script. */
const pool = new ScriptPool({ size: THREADS.size });

/** Runs JavaScript that need not be trusted: what it returns is the output. */
export const scriptKind: NodeKind = {
  kind: 'script',
  description: 'Runs JavaScript in a sandbox, without files and network.',
  pool: THREADS,
  fields: {
    source: {
      description: 'The body of a function of `input` that returns the output.',
      schema: { type: 'string', minLength: 1, maxLength: 1_000_000 },
      required: true,
      role: 'plain',
    },
    memory: {
      description: 'How much memory it may use: 64MB, or a number of bytes; 32MB when not given.',
      schema: { type: ['string', 'integer'] },
      role: 'plain',
    },
    time: {
      description: 'How long it may compute: a duration such as 500ms, or a number of milliseconds; 2s when not given.',
      schema: { type: ['string', 'number'] },
      role: 'plain',
    },
    max_output: {
      description: 'How much JSON it may return: 100KB, or a number of bytes; 1MB when not given.',
      schema: { type: ['string', 'integer'] },
      role: 'plain',
    },
  },
  check(node) {
    const problems: FieldProblem[] = [];
    const { source, memory, time, max_output: output } = node;
    const syntax = typeof source === 'string' ? findSyntaxError(source) : null;
    if (syntax !== null) problems.push({ field: 'source', message: syntax });
    if (memory !== undefined && !isWithin(parseSize(memory), 'memory')) {
      problems.push({ field: 'memory', message: 'must be a size from 1MB to 512MB, such as 64MB' });
    }
    if (time !== undefined && !isWithin(parseDuration(time), 'time')) {
      problems.push({ field: 'time', message: 'must be a duration from 1ms to 5m, such as 500ms' });
    }
    if (output !== undefined && !isWithin(parseSize(output), 'output')) {
      problems.push({ field: 'max_output', message: 'must be a size from 2 to 8MB, such as 100KB' });
    }
    return problems;
  },
  async execute(context) {
    const { fields } = context;
    const job: ScriptJob = {
      source: fields['source'] as string,
      input: await writePieces(context.input),
      memory: parseSize(fields['memory']) ?? DEFAULTS.memory,
      time: parseDuration(fields['time']) ?? DEFAULTS.time,
      output: parseSize(fields['max_output']) ?? DEFAULTS.output,
    };
    return run(job, context);
  },
};

async function run(job: ScriptJob, { signal, log }: NodeContext): Promise<unknown> {
  const outcome = await pool.run(job, signal);
  for (const line of outcome.logs) log.info({ from: 'script' }, line);
  if (outcome.kind === 'output') return parseInTurns(outcome.text);
  const { kind, message } = outcome;
  throw new NodeFailure(`The script ${TOLD[kind](job, message)}`, { kind, retryable: kind === 'script_timeout' });
}

const TOLD: { readonly [K in ScriptFailure]: (job: ScriptJob, message: string) => string } = {
  script_error: (_, message) => `failed: ${message}`,
  script_timeout: ({ time }) => `took longer than the ${time} ms of its "time"`,
  script_out_of_memory: ({ memory }) => `needs more than the ${tellSize(memory)} of its "memory"`,
  script_output_too_large: ({ output }) => `returned more than the ${tellSize(output)} of its "max_output"`,
  invalid_output: (_, message) => `did not return JSON: ${message}`,
  invalid_config: (_, message) => `cannot be read: ${message}`,
};

function tellSize(bytes: number): string {
  return bytes % MIB === 0 ? `${bytes / MIB} MB` : `${bytes} bytes`;
}

function isWithin(value: number | null, limit: keyof typeof MAX_LIMITS): boolean {
  return value !== null && value >= MIN_LIMITS[limit] && value <= MAX_LIMITS[limit];
}

/** Parsed, never run, by this process's own engine: it knows the same language as the one of the sandbox. */
function findSyntaxError(source: string): string | null {
  try {
    compileFunction(`'use strict';${source}`, ['input'], { filename: 'script' });
    return null;
  } catch (thrown) {
    const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
    const line = /^script:(\d+)/.exec(stack)?.[1];
    return `cannot be read: ${errorMessage(thrown)}${line === undefined ? '' : ` (line ${line} of it)`}`;
  }
}
