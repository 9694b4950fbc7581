import { ErrandError } from '../errors.js';
import type { Json } from '../json.js';

/**
 * How large what goes into a run and comes out of it may be. Texts are counted in characters (UTF-16), values as their
 * JSON text.
 */
export const PAYLOAD_LIMITS = {
  /** Values in the JSON that callers send, those in lists and objects included. More is refused. */
  values: 100_000,
  /** Lists and objects in it. More is refused. */
  containers: 30_000,
  /** Properties in it, over all objects, and how many different names they have. More is refused. */
  names: 30_000,
  distinctNames: 10_000,
  /** A run's input. More is refused. */
  input: 1024 * 1024,
  /** A node's output, and a run's. A node, or a run, that gives more fails. */
  output: 8 * 1024 * 1024,
  /** How many levels deep arrays and objects in an output are nested. A node, or a run, that gives more fails. */
  depth: 1_000,
  /** The items of a map. With more, the node fails. */
  items: 100_000,
  /** The caller's extra instruction. More is refused. */
  instruction: 20_000,
  idempotencyKey: 200,
  /** Why a run is cancelled. Cut; more than the other is refused. */
  reason: 500,
  takenReason: 1_000,
  /** What an agent found. Cut. */
  findings: 4_000,
  /** The message beside a node's progress. Cut. */
  progressMessage: 500,
  /** The kind of a node's failure. Cut. */
  errorKind: 100,
  /** Why a node failed. Cut. */
  errorMessage: 2_000,
  /** Cut. */
  summary: 4_000,
  /** How many of a list a page leaves out: it is counted over for each page. More is refused. */
  offset: 10_000,
} as const;

/** Throws `invalid_input` for what is no offset, or too high a one. */
export function checkOffset(offset: number): void {
  const max = PAYLOAD_LIMITS.offset;
  if (Number.isSafeInteger(offset) && offset >= 0 && offset <= max) return;
  throw new ErrandError(
    'invalid_input',
    `offset must be a whole number from 0 to ${max}, not ${offset}. Narrow the list by what it can be filtered by to see what lies beyond.`,
  );
}

/** The JSON text of an input. Throws `payload_too_large` when it is too long. */
export function writeInput(input: Json): string {
  const text = JSON.stringify(input);
  const { length } = text;
  if (length <= PAYLOAD_LIMITS.input) return text;
  throw new ErrandError(
    'payload_too_large',
    `The input is ${length} characters of JSON; at most ${PAYLOAD_LIMITS.input} are taken. Put large data where the workflow can fetch it, and give its address.`,
  );
}
