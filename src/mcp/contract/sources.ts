import type { JsonObject } from '../../core/json.js';
import type { CallContext, InputAnswers, InputRequired } from './call-context.js';
import type { Page, PageRequest } from './paging.js';
import type { Task } from './task.js';

/** What a contract lets clients read. */
export interface ResourceSource {
  /** Throws `invalid_input` for a cursor that is none of its own. */
  list(page: PageRequest, context: CallContext): Promise<Page<ResourceEntry>>;
  readonly templates: readonly ResourceTemplate[];
  /** Throws `not_found`. */
  read(uri: string, context: CallContext): Promise<ResourceContents>;
  /**
   * For a contract that keeps the subscriptions of the handshake era itself. Without these two, that era's clients are
   * told that there are none; `ChangeSource` has those of the stateless era.
   */
  readonly subscriptions?: {
    subscribe(uri: string, context: CallContext): Promise<void>;
    unsubscribe(uri: string, context: CallContext): Promise<void>;
  };
}

export interface ResourceEntry {
  readonly uri: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
}

export interface FixedResource {
  readonly entry: ResourceEntry;
  readonly text: string;
}

export interface ResourceTemplate extends Omit<ResourceEntry, 'uri'> {
  /** RFC 6570. */
  readonly uriTemplate: string;
}

export interface ResourceContents {
  /** Each with `uri`, and `text` or `blob`. Never empty. */
  readonly contents: readonly JsonObject[];
  /** For how long a client may take the contents as they are; 0 when not given. */
  readonly ttlMs?: number;
}

/** What a contract offers people to say. */
export interface PromptSource {
  /** Throws `invalid_input` for a cursor that is none of its own. */
  list(page: PageRequest, context: CallContext): Promise<Page<PromptEntry>>;
  /** Throws `not_found`, and `invalid_input` for arguments that do not fit. */
  get(params: PromptRequest, context: CallContext): Promise<PromptOutcome>;
}

export interface PromptEntry {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly arguments?: readonly {
    readonly name: string;
    readonly description?: string;
    readonly required?: boolean;
  }[];
}

export interface PromptRequest extends InputAnswers {
  readonly name: string;
  readonly args: { readonly [name: string]: string };
}

export type PromptOutcome =
  { readonly kind: 'value'; readonly description?: string; readonly messages: readonly JsonObject[] } | InputRequired;

/** Values that complete what a person is typing for a prompt's argument or a template's variable. */
export interface CompletionSource {
  complete(params: CompletionRequest, context: CallContext): Promise<Completion>;
}

export interface CompletionRequest {
  readonly ref:
    { readonly kind: 'prompt'; readonly name: string } | { readonly kind: 'resource'; readonly uri: string };
  readonly argument: { readonly name: string; readonly value: string };
  /** What the other arguments are already. */
  readonly known: { readonly [name: string]: string };
}

export interface Completion {
  /** 100 at most. */
  readonly values: readonly string[];
  readonly total?: number;
  readonly hasMore?: boolean;
}

/** Tells listeners what has changed. */
export interface ChangeSource {
  /** What can be listened for at all. */
  readonly offers: {
    readonly tools: boolean;
    readonly prompts: boolean;
    readonly resources: boolean;
    readonly resourceUpdates: boolean;
    readonly tasks: boolean;
  };
  /**
   * Resolves once every later change is sure to be told. `honoured` is the filter without what is not offered, not
   * there or not the caller's. `emit` does not throw, and does nothing once the context's signal has aborted.
   */
  subscribe(filter: ChangeFilter, context: CallContext, emit: (change: Change) => void): Promise<ChangeSubscription>;
}

export interface ChangeFilter {
  readonly toolsListChanged: boolean;
  readonly promptsListChanged: boolean;
  readonly resourcesListChanged: boolean;
  /** URIs. */
  readonly resourceSubscriptions: readonly string[];
  readonly taskIds: readonly string[];
}

export interface ChangeSubscription {
  readonly honoured: ChangeFilter;
  readonly unsubscribe: () => void;
}

export type Change =
  | { readonly kind: 'tools' }
  | { readonly kind: 'prompts' }
  | { readonly kind: 'resources' }
  | { readonly kind: 'resource'; readonly uri: string }
  | { readonly kind: 'task'; readonly task: Task };
