import type { Problem } from '../errors.js';
import type { Json, JsonSchema } from '../json.js';

/** An expression, and what it is evaluated with. */
export interface EvaluationJob {
  readonly source: string;
  /** What the expression reads of its scope. */
  readonly scope: Json;
  /** Whose it is: organizations take turns. */
  readonly organizationId: string;
  /** Where it has chance and time from; absent: from the moment of the evaluation. */
  readonly chance?: Chance | undefined;
}

/** Fixes what an expression computes from chance and time: the same seed and moment give the same values. */
export interface Chance {
  readonly seed: string;
  /** What `$now` and `$millis` give, in epoch milliseconds. */
  readonly at: number;
}

/**
 * What an evaluation came to. `value` is undefined where the expression finds nothing; `message` says why it failed.
 */
export type Evaluation =
  { readonly status: 'ok'; readonly value: Json | undefined } | { readonly status: 'failed'; readonly message: string };

/** What a text of JSON comes to. */
export type JsonReading =
  | { readonly kind: 'json'; readonly json: Json }
  | {
      readonly kind: 'fault';
      readonly reason: 'syntax' | 'depth' | 'size' | 'number';
      /** A sentence, which shows nothing of the text but a number that cannot be kept. */
      readonly message: string;
    };

/** What a text of YAML, or of JSON that a person has written, comes to. Lines and columns count from 1. */
export interface SourceReading {
  /** Undefined where there are faults. */
  readonly value: Json | undefined;
  readonly faults: readonly { readonly message: string; readonly line: number; readonly column: number }[];
}

/** Keys and indices from the outermost value on. */
export type SourcePath = readonly (string | number)[];

/** A place in a text. Line and column count from 1. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/** A text, or the pieces of a long one. */
export type LongText = string | readonly string[];

/** A text of YAML or JSON that somebody sent. */
export interface SentSource {
  readonly text: string;
  readonly format: 'yaml' | 'json';
  /** Whose it is: organizations take turns, and it has less time than a text of the server's own. */
  readonly organizationId: string;
}

/**
 * Does beside the server what may take long, or much memory, over data of callers and of workflows: the event loop goes
 * on meanwhile, and what takes too long is ended. Nothing here changes anything, so it may be done again.
 */
export interface Isolation {
  evaluate(job: EvaluationJob): Promise<Evaluation>;
  /**
   * What is wrong with a value, given as JSON, by its schema, which is a valid one. That the check was ended is a
   * problem too.
   */
  check(job: { readonly schema: JsonSchema; readonly value: LongText }): Promise<readonly Problem[]>;
  /** As `parseJson`. */
  parse(job: {
    readonly text: LongText;
    readonly maxDepth: number;
    readonly organizationId: string;
  }): Promise<JsonReading>;
  /** As `parseSource`; `maxLength`: how many characters of JSON the value may have. */
  readSource(
    job: (SentSource & { readonly maxLength: number }) | Omit<SentSource, 'organizationId'>,
  ): Promise<SourceReading>;
  /** Where places of its value stand in a text. Empty where that cannot be found out. */
  locate(job: SentSource & { readonly paths: readonly SourcePath[] }): Promise<readonly SourcePosition[]>;
  /**
   * The value with the schema's defaults. Rejects with `payload_too_large`, or `invalid_input` where it took too much.
   */
  fillDefaults(job: { readonly schema: JsonSchema; readonly value: Json }): Promise<Json>;
}
