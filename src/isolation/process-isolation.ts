import { availableParallelism } from 'node:os';
import { ErrandError, type Problem } from '../core/errors.js';
import { ownTurn } from '../core/event-loop.js';
import type { Json, JsonSchema } from '../core/json.js';
import type {
  Evaluation,
  EvaluationJob,
  Isolation,
  JsonReading,
  LongText,
  SourcePosition,
  SourceReading,
} from '../core/ports/isolation.js';
import { cutPieces, TEXT_PIECE } from '../core/large-json/cut-pieces.js';
import type { JsonPiece } from '../core/large-json/json-pieces.js';
import { buildInTurns, JsonTooLong, writePieces } from '../core/large-json/write-in-turns.js';
import type { HostAnswer, HostMessage, HostPart, HostRequest } from './expression-host.js';
import { ProcessPool, WorkEnded } from './process-pool.js';
import { builtFile } from './worker-file.js';

const MEMORY_MB = 512;
/** Characters of JSON. More would not fit beside what is made of it. */
const MAX_SCOPE = 64 * 1024 * 1024;
/** Reading a text takes no more than its length: this is for slow machines. */
const PARSE_MS = 30_000;
/** The same for texts that are sent, which are short. */
const SENT_PARSE_MS = 10_000;
/** For what is done besides computing: handing over, and telling of JSONata's own guards. */
const GRACE_MS = 250;

/** Evaluates expressions and checks values in processes of their own. */
export class ProcessIsolation implements Isolation {
  readonly #pool: ProcessPool;
  readonly #timeMs: number;
  /** The texts of schemas that values were held against. */
  readonly #schemas = new WeakMap<JsonSchema, string>();

  /** `timeMs`: how long an expression, or a check, may take. */
  constructor(params: { readonly timeMs: number }) {
    this.#timeMs = params.timeMs;
    this.#pool = new ProcessPool({
      file: builtFile('./expression-host.js', import.meta.url),
      size: Math.max(3, Math.min(6, availableParallelism())),
      memoryMb: MEMORY_MB,
    });
  }

  async evaluate({ source, scope, organizationId, chance }: EvaluationJob): Promise<Evaluation> {
    const written = await writeScope(scope);
    if (written === null) return { status: 'failed', message: `it reads more than ${MAX_SCOPE} characters of JSON` };
    const request: HostRequest = { kind: 'evaluate', source, timeMs: this.#timeMs, chance };
    const answer = await this.#ask(request, written, { group: organizationId });
    switch (answer.status) {
      case 'ok':
        return { status: 'ok', value: answer.pieces === undefined ? undefined : await buildInTurns(answer.pieces) };
      case 'failed':
        return answer;
      default:
        throw new Error('A process has answered another question');
    }
  }

  async check({ schema, value }: Parameters<Isolation['check']>[0]): Promise<readonly Problem[]> {
    const answer = await this.#ask({ kind: 'check', schema: this.#write(schema) }, value);
    if (answer.status === 'checked') return answer.problems;
    const why = answer.status === 'failed' ? answer.message : 'there is no answer';
    return [{ path: '', message: `cannot be checked: ${why}` }];
  }

  async parse({ text, maxDepth, organizationId }: Parameters<Isolation['parse']>[0]): Promise<JsonReading> {
    const answer = await this.#ask({ kind: 'parse', maxDepth }, text, { group: organizationId, timeMs: PARSE_MS });
    if (answer.status === 'ok') return { kind: 'json', json: await buildInTurns(answer.pieces ?? []) };
    if (answer.status === 'unread') return { kind: 'fault', reason: answer.reason, message: answer.message };
    const why = answer.status === 'failed' ? answer.message : 'there is no answer';
    return { kind: 'fault', reason: 'size', message: `This JSON cannot be read: ${why}.` };
  }

  async readSource(job: Parameters<Isolation['readSource']>[0]): Promise<SourceReading> {
    const { text, format } = job;
    const sent = 'organizationId' in job ? job : null;
    const answer = await this.#ask(
      { kind: 'source', format, maxLength: sent?.maxLength },
      text,
      sent === null ? { timeMs: PARSE_MS } : { group: sent.organizationId, timeMs: SENT_PARSE_MS },
    );
    switch (answer.status) {
      case 'ok':
        return { value: answer.pieces === undefined ? undefined : await buildInTurns(answer.pieces), faults: [] };
      case 'faulty':
        return { value: undefined, faults: answer.faults };
      default: {
        const why = answer.status === 'failed' ? answer.message : 'there is no answer';
        return { value: undefined, faults: [{ message: `cannot be read: ${why}`, line: 1, column: 1 }] };
      }
    }
  }

  async locate(job: Parameters<Isolation['locate']>[0]): Promise<readonly SourcePosition[]> {
    const { text, format, paths, organizationId: group } = job;
    const answer = await this.#ask({ kind: 'locate', format, paths }, text, { group, timeMs: SENT_PARSE_MS });
    if (answer.status !== 'ok') return [];
    return (await buildInTurns(answer.pieces ?? [])) as unknown as readonly SourcePosition[];
  }

  async fillDefaults({ schema, value }: { readonly schema: JsonSchema; readonly value: Json }): Promise<Json> {
    const answer = await this.#ask({ kind: 'fill', schema: this.#write(schema) }, await writePieces(value));
    if (answer.status === 'ok') return buildInTurns(answer.pieces ?? []);
    if (answer.status === 'unread') throw new ErrandError('payload_too_large', answer.message);
    const why = answer.status === 'failed' ? answer.message : 'there is no answer';
    throw new ErrandError('invalid_input', `The defaults of the input's schema cannot be filled in: ${why}.`);
  }

  #write(schema: JsonSchema): string {
    const text = this.#schemas.get(schema) ?? JSON.stringify(schema);
    this.#schemas.set(schema, text);
    return text;
  }

  close(): void {
    this.#pool.close();
  }

  async #ask(
    request: HostRequest,
    text: LongText,
    { group = '', timeMs = this.#timeMs }: { readonly group?: string; readonly timeMs?: number } = {},
  ): Promise<HostAnswer> {
    const { first, last } = await cutLast(text);
    const message: HostMessage = { request, piece: last };
    const before: JsonPiece[] = [];
    const onPart = (told: unknown): boolean => {
      const { status, isFirst, pieces } = told as HostPart;
      if (status !== 'part') return false;
      // It was begun again, in another process.
      if (isFirst) before.length = 0;
      before.push(...pieces);
      return true;
    };
    try {
      const answer = (await this.#pool.run({
        message,
        before: first,
        group,
        timeMs: timeMs + GRACE_MS,
        onPart,
      })) as HostAnswer;
      if (before.length === 0 || answer.status !== 'ok' || answer.pieces === undefined) return answer;
      return { status: 'ok', pieces: [...before, ...answer.pieces] };
    } catch (thrown) {
      if (!(thrown instanceof WorkEnded)) throw thrown;
      return { status: 'failed', message: tell(thrown, timeMs) };
    }
  }
}

/** The pieces of a text as messages, all but the last. */
async function cutLast(text: LongText): Promise<{ readonly first: readonly HostMessage[]; readonly last: string }> {
  if (typeof text === 'string' && text.length <= TEXT_PIECE) return { first: [], last: text };
  // It may have been put together of others, and is made one with the first piece.
  if (typeof text === 'string') await ownTurn();
  const pieces = typeof text === 'string' ? [...cutPieces(text, TEXT_PIECE)] : text;
  return { first: pieces.slice(0, -1).map((piece) => ({ piece })), last: pieces.at(-1) ?? '' };
}

async function writeScope(scope: Json): Promise<LongText | null> {
  try {
    return await writePieces(scope, { maxLength: MAX_SCOPE });
  } catch (thrown) {
    if (thrown instanceof JsonTooLong) return null;
    throw thrown;
  }
}

function tell({ reason }: WorkEnded, timeMs: number): string {
  return reason === 'timeout'
    ? `it took longer than ${timeMs} ms, and was ended`
    : `its process ended: it needs more memory than the ${MEMORY_MB} MB that there are for it`;
}
