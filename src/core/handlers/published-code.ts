import type { HandlerRef } from '../workflow/definition.js';

/**
 * Whose code the server takes out of the store. `off`: nobody's. `operators`: what operators publish. `organizations`:
 * also what organizations publish.
 */
export const PUBLISHED_CODE = ['off', 'operators', 'organizations'] as const;
export type PublishedCodeRule = (typeof PUBLISHED_CODE)[number];

/** The code of published workflows, where this process has it. */
export interface PublishedCode {
  readonly rule: PublishedCodeRule;
  /**
   * Why functions of these cannot run here, in a sentence: the server does not allow it, or a package is missing. Null
   * when they can, and for functions that are not published.
   */
  explain(refs: readonly HandlerRef[]): Promise<string | null>;
  /** The file that it is in. Rejects with a NodeFailure of kind `handler_missing`. */
  locate(sha: string): Promise<string>;
}
