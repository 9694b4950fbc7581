import { copyJson, type Json } from '../../core/json.js';
import { parseJson } from '../../core/text/parse-json.js';
import type { ModelAnswer, ToolCall } from '../../core/models/models.js';
import { readFinishMessage, readRefusal } from '../provider/refusals.js';
import type { SdkFinish, SdkStreamPart } from '../provider/sdk.js';

/** What came of a stream. */
export interface StreamedAnswer {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly assistant: Json;
  /** Null when the stream ended before the model did. */
  readonly finish: ModelAnswer['finish'] | null;
  /** What the model said when it declined, where that is no part of the text. */
  readonly refusal: string;
  /** Why it is no answer, though it ended: the provider could not read what its model wrote. */
  readonly fault: string | null;
}

type Part = { type: string; text?: string; providerOptions?: unknown; [field: string]: unknown };

/** Puts an answer together from the parts of its stream, in the form in which the SDK takes it back. */
export class AnswerReader {
  readonly #onText: (delta: string, offset: number) => void;
  /** In the order in which they began. */
  readonly #parts: Part[] = [];
  /** Those that still grow. */
  readonly #open = new Map<string, Part>();
  readonly #toolCalls: ToolCall[] = [];
  #text = '';
  #finish: SdkFinish | null = null;

  constructor(onText: (delta: string, offset: number) => void) {
    this.#onText = onText;
  }

  /** Throws the error of an `error` part. */
  read(part: SdkStreamPart): void {
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start':
        this.#begin(part.type === 'text-start' ? 'text' : 'reasoning', part);
        break;
      case 'text-delta':
        this.#grow('text', part);
        if (part.delta !== '') this.#onText(part.delta, this.#text.length);
        this.#text += part.delta;
        break;
      case 'reasoning-delta':
        this.#grow('reasoning', part);
        break;
      case 'text-end':
      case 'reasoning-end':
        this.#end(part.type === 'text-end' ? 'text' : 'reasoning', part);
        break;
      case 'tool-call':
        this.#call(part);
        break;
      case 'tool-result':
        this.#parts.push({
          type: 'tool-result',
          toolCallId: part.toolCallId,
          toolName: part.toolName,
          output: { type: 'json', value: part.result },
          providerOptions: part.providerMetadata,
        });
        break;
      case 'file':
        this.#parts.push({
          type: 'file',
          mediaType: part.mediaType,
          data: typeof part.data === 'string' ? part.data : Buffer.from(part.data).toString('base64'),
          providerOptions: part.providerMetadata,
        });
        break;
      case 'finish':
        this.#finish = part;
        break;
      case 'error':
        throw part.error;
      default: // starts and deltas of tool calls, which come whole in the end; sources; metadata
    }
  }

  result(): StreamedAnswer {
    const parts = this.#parts.filter(({ type, text }) => type !== 'text' || text !== '');
    return {
      text: this.#text,
      toolCalls: this.#toolCalls,
      // Drops what is undefined, and shares nothing with the SDK.
      assistant: copyJson(JSON.parse(JSON.stringify(parts)) as Json),
      finish: this.#finishOf(),
      refusal: this.#finish === null ? '' : readRefusal(this.#finish),
      fault: this.#finish === null ? null : this.#faultOf(this.#finish),
    };
  }

  #begin(type: string, { id, providerMetadata }: { readonly id: string; readonly providerMetadata?: unknown }): Part {
    const part: Part = { type, text: '', providerOptions: providerMetadata };
    this.#open.set(`${type} ${id}`, part);
    this.#parts.push(part);
    return part;
  }

  #grow(
    type: string,
    delta: { readonly id: string; readonly delta: string; readonly providerMetadata?: unknown },
  ): void {
    const part = this.#open.get(`${type} ${delta.id}`) ?? this.#begin(type, { id: delta.id });
    part.text = (part.text ?? '') + delta.delta;
    // The later metadata is the fuller one: signatures come with the last delta.
    part.providerOptions = delta.providerMetadata ?? part.providerOptions;
  }

  #end(type: string, { id, providerMetadata }: { readonly id: string; readonly providerMetadata?: unknown }): void {
    const part = this.#open.get(`${type} ${id}`);
    this.#open.delete(`${type} ${id}`);
    if (part !== undefined) part.providerOptions = providerMetadata ?? part.providerOptions;
  }

  /**
   * Arguments that are no JSON, or cannot be kept exactly, are shown to whoever carries the call out, as text; the
   * model is given back that it asked for nothing.
   */
  #call(part: Extract<SdkStreamPart, { readonly type: 'tool-call' }>): void {
    const input = parseArguments(part.input);
    const isPlain = typeof input === 'object' && input !== null;
    this.#parts.push({
      type: 'tool-call',
      toolCallId: part.toolCallId,
      toolName: part.toolName,
      input: isPlain ? input : {},
      providerExecuted: part.providerExecuted,
      providerOptions: part.providerMetadata,
    });
    if (part.providerExecuted !== true) this.#toolCalls.push({ id: part.toolCallId, name: part.toolName, input });
  }

  #faultOf({ finishReason, providerMetadata }: SdkFinish): string | null {
    const { unified, raw = unified } = finishReason;
    const isEmpty = this.#text === '' && this.#toolCalls.length === 0;
    if (unified !== 'error' && !(unified === 'other' && isEmpty)) return null;
    const words = readFinishMessage(providerMetadata);
    return words === '' ? raw : `${raw}: ${words}`;
  }

  #finishOf(): StreamedAnswer['finish'] {
    if (this.#finish === null) return null;
    const { finishReason } = this.#finish;
    const reason = FINISH[finishReason.unified] ?? 'other';
    // A stream that was cut between two events ends with a reason that nobody gave.
    if (reason === 'other' && finishReason.raw === undefined) return null;
    const calls = this.#toolCalls.length > 0 && (reason === 'stop' || reason === 'other');
    return calls ? 'tool_calls' : reason;
  }
}

const FINISH: { readonly [unified: string]: ModelAnswer['finish'] } = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
};

function parseArguments(text: string): Json {
  if (text.trim() === '') return {};
  const parsed = parseJson(text);
  return parsed.kind === 'json' ? parsed.json : text;
}
