import type { Json, JsonSchema } from '../json.js';

/** What model calls have used, added up. */
export type Usage = {
  readonly calls: number;
  /** All that was sent, what a provider had cached included. */
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** In millionths of a US dollar, of the calls whose price is known. */
  readonly costMicros: number;
  /** How many calls went to models without a known price. */
  readonly unpricedCalls: number;
};

export const NO_USAGE: Usage = {
  calls: 0,
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  costMicros: 0,
  unpricedCalls: 0,
};

export function addUsage(one: Usage, other: Usage): Usage {
  return {
    calls: one.calls + other.calls,
    inputTokens: one.inputTokens + other.inputTokens,
    cachedInputTokens: one.cachedInputTokens + other.cachedInputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    costMicros: one.costMicros + other.costMicros,
    unpricedCalls: one.unpricedCalls + other.unpricedCalls,
  };
}

export type TextPart = { readonly type: 'text'; readonly text: string };

/** An image or another file: where it is, or its bytes in base64. */
export type FilePart = {
  readonly type: 'file';
  /** `image/png`, `application/pdf`. */
  readonly mediaType: string;
  readonly url?: string;
  readonly data?: string;
  readonly filename?: string;
};

export type ToolResult = {
  /** The id of the call that it answers. */
  readonly callId: string;
  readonly name: string;
  readonly output: Json;
  readonly isError: boolean;
};

/** What was said so far, as plain JSON. */
export type ModelMessage =
  | { readonly role: 'user'; readonly content: readonly (TextPart | FilePart)[] }
  /** A ModelAnswer's `assistant`, handed back as it was: providers keep signatures and ids of their own in it. */
  | { readonly role: 'assistant'; readonly content: Json }
  | { readonly role: 'tool'; readonly results: readonly ToolResult[] };

export type ToolSpec = {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
};

/** What is absent is as the provider has it. */
export type ModelSettings = {
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  readonly topP?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  /** Handed to the provider as they are, by the provider's name. */
  readonly providerOptions?: { readonly [provider: string]: { readonly [name: string]: Json } };
};

export interface ModelRequest {
  /**
   * `provider/model` or the name of an alias, best first: the next one is asked when one cannot answer. At least one.
   */
  readonly models: readonly string[];
  readonly system: string | null;
  readonly messages: readonly ModelMessage[];
  readonly tools?: readonly ToolSpec[];
  /** `required`: some tool has to be called. */
  readonly toolChoice?: 'auto' | 'required' | 'none';
  /** What the answer's text is to be: JSON that fits this. The caller checks whether it does. */
  readonly output?: JsonSchema;
  readonly settings?: ModelSettings;
}

export type ToolCall = { readonly id: string; readonly name: string; readonly input: Json };

/** One answer of a model, as plain JSON. */
export type ModelAnswer = {
  /** The one that answered: `openai/gpt-5`. */
  readonly model: string;
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** Why it stopped. */
  readonly finish: 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'other';
  /** The content of the assistant message to go on with. */
  readonly assistant: Json;
  /** What the call used. A node is given the sum with the models that were asked before and failed. */
  readonly usage: Usage;
};

export type ModelUsage = Usage & { readonly model: string };

export interface ModelCallOptions {
  /** Whose credentials are used. */
  readonly organizationId: string;
  /** Never the server's. */
  readonly onlyOwn?: boolean;
  readonly signal: AbortSignal;
  /**
   * The answer's text as it comes in. After a call that broke off and was made again it starts from the beginning, with
   * `offset` 0.
   */
  readonly onText?: (delta: string, offset: number) => void;
  /**
   * What a model used that was asked and gave no answer, where its provider told: once for each model, before anybody
   * hears of the failure, and at once when the signal is aborted.
   */
  readonly onLost?: (usage: ModelUsage) => void;
}

/** Models of any provider. */
export interface Models {
  /**
   * Asks once (each model of the list at most once). Throws a NodeFailure: kind `model_rate_limited` (429; carries
   * `retryAfterMs`), `model_overloaded` (5xx, 529), `network` (no connection, or cut), `model_bad_answer` (what came
   * was none of the protocol's), all retryable; `model_refused` (the provider's filter), `model_unauthorized` (401,
   * 403), `model_not_configured`, `model_unknown` (404), `model_bad_request` (other 4xx), `context_too_long`: not
   * retryable.
   */
  call(request: ModelRequest, options: ModelCallOptions): Promise<ModelAnswer>;
  /**
   * Which variable or credential is to be set before any of these can be asked for this organization; null when one can
   * be.
   */
  explainUnusable(params: {
    readonly models: readonly string[];
    readonly organizationId: string;
    /** With its own credentials, never the server's. */
    readonly onlyOwn?: boolean;
  }): Promise<string | null>;
}

/** How much a node or a run may use before it fails with `budget_exceeded`; what is absent is not bounded. */
export type Budget = {
  /** Input and output together. */
  readonly tokens?: number;
  /** In US dollars. */
  readonly cost?: number;
  /** Model calls. */
  readonly calls?: number;
  /** From the start. */
  readonly seconds?: number;
  /** Of a workflow: what the runs that its run starts use, near and far, counts too. `seconds` are the run's own. */
  readonly shared?: boolean;
  /** Where it is shared: what the run and those may reserve and use. */
  readonly credits?: number;
};
