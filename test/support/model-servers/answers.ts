import type { IncomingHttpHeaders } from 'node:http';
import type { Json, JsonSchema } from '../../../src/core/json.js';

export type ModelApi = 'openai-chat' | 'openai-responses' | 'anthropic' | 'google';

export interface SeenToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: Json;
}

export interface SeenMessage {
  readonly role: 'user' | 'assistant' | 'tool';
  /** All text of the message. */
  readonly text: string;
  readonly toolCalls: readonly SeenToolCall[];
  readonly toolResults: readonly { readonly callId: string; readonly output: string }[];
  /** Images and other files: a URL (`data:` where the bytes came along). */
  readonly files: readonly string[];
}

/** What a request asks for, whatever API it came by. */
export interface SeenRequest {
  readonly model: string;
  readonly system: string | null;
  readonly messages: readonly SeenMessage[];
  readonly tools: readonly { readonly name: string; readonly description: string; readonly inputSchema: JsonSchema }[];
  readonly toolChoice: string | null;
  /** The JSON Schema that the answer is to fit. */
  readonly schema: JsonSchema | null;
  readonly stream: boolean;
}

export interface ModelServerRequest extends SeenRequest {
  readonly api: ModelApi;
  /** Counts from 0. */
  readonly index: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Json;
  /** How the exchange ended, once it did: `aborted` when the caller hung up before the answer was complete. */
  readonly ended: Promise<'answered' | 'aborted' | 'cut'>;
}

/** An answer as a model gives it. */
export interface SpokenAnswer {
  readonly kind?: 'answer';
  readonly text?: string;
  /** In the place of `text`. */
  readonly json?: Json;
  /** An `input` that is a string is sent as it is, so that it may be no JSON. */
  readonly toolCalls?: readonly { readonly id?: string; readonly name: string; readonly input: Json }[];
  readonly reasoning?: string;
  /** The model declines; its words. */
  readonly refusal?: string;
  readonly finish?: 'stop' | 'length' | 'tool_calls' | 'content_filter';
  readonly usage?: { readonly input?: number; readonly cached?: number; readonly output?: number };
  /** How many deltas the text comes in; 3 when not given. */
  readonly pieces?: number;
  /** Before the first byte. */
  readonly delayMs?: number;
  /** Between two events of the stream. */
  readonly dripMs?: number;
  /**
   * Breaks off: `before` the first byte, in the `middle` of the answer, or `short`: the answer stops there as if it
   * were complete, as a proxy does that lost its server.
   */
  readonly cut?: 'before' | 'middle' | 'short';
  /** Says nothing more after half of the answer, until the caller hangs up. */
  readonly stall?: boolean;
  /** An error event instead of the second half of the stream. */
  readonly breakWith?: ErrorAnswer;
  /** What breaks off or stalls does so only after all of the answer, what it used included. */
  readonly breaksLate?: boolean;
}

/** An HTTP status that is none of success, with the API's own error body. */
export interface ErrorAnswer {
  readonly kind: 'error';
  readonly status: number;
  /** OpenAI's `error.code`. */
  readonly code?: string;
  /** `error.type`; what the API says with this status when not given. */
  readonly type?: string;
  readonly message?: string;
  /** Google's `error.details`. */
  readonly details?: readonly Json[];
  /** `retry-after` and its like. */
  readonly headers?: { readonly [name: string]: string };
  /** In the place of the API's error body. */
  readonly body?: string;
}

/**
 * Says 200 and then something that is none of the protocol's: broken `json`, JSON of another `shape`, a web page,
 * nothing.
 */
export interface MalformedAnswer {
  readonly kind: 'malformed';
  readonly what: 'json' | 'shape' | 'html' | 'empty';
}

/** Never answers; ends when the caller hangs up or the server is closed. */
export interface HangingAnswer {
  readonly kind: 'hang';
}

/** A string is an answer's text. */
export type ModelServerAnswer = string | SpokenAnswer | ErrorAnswer | MalformedAnswer | HangingAnswer;

export type ModelServerScript =
  | ((request: ModelServerRequest) => ModelServerAnswer | Promise<ModelServerAnswer>)
  /** One for each request, in the order in which they come. */
  | readonly ModelServerAnswer[];

/** An answer with nothing left open, as the dialects write it. */
export interface WholeAnswer {
  readonly id: string;
  readonly model: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly text: string | null;
  readonly pieces: readonly string[];
  /** `input` is JSON text. */
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly input: string }[];
  readonly reasoning: string | null;
  readonly refusal: string | null;
  readonly finish: 'stop' | 'length' | 'tool_calls' | 'content_filter';
  readonly usage: { readonly input: number; readonly cached: number; readonly output: number };
}

export interface ServerEvent {
  readonly event?: string;
  readonly data: string;
}

/** One API: how it is asked and how it answers. */
export interface Dialect {
  readonly api: ModelApi;
  /** How its addresses end. */
  readonly paths: readonly string[];
  see(body: Fields, path: string): SeenRequest;
  /** What the API answers 400 for, in its words, of what programs that carry conversations on may get wrong. */
  faultIn?(body: Fields, seen: SeenRequest): string | null;
  keyOf(headers: IncomingHttpHeaders): string | null;
  stream(answer: WholeAnswer, body: Fields): readonly ServerEvent[];
  whole(answer: WholeAnswer, body: Fields): Json;
  error(error: Required<Pick<ErrorAnswer, 'status' | 'message'>> & ErrorAnswer): Json;
  streamError(error: Required<Pick<ErrorAnswer, 'status' | 'message'>> & ErrorAnswer): ServerEvent;
  newId(number: number, what: 'answer' | 'call'): string;
}

export type Fields = { readonly [name: string]: Json | undefined };

export function fieldsOf(value: Json | undefined): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Deltas as long as each other, never inside a character. */
export function cutInto(text: string, pieces: number): string[] {
  const characters = Array.from(text);
  const length = Math.max(1, Math.ceil(characters.length / Math.max(1, pieces)));
  const cut: string[] = [];
  for (let at = 0; at < characters.length; at += length) cut.push(characters.slice(at, at + length).join(''));
  return cut;
}
