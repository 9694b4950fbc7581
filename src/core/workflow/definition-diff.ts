import type { Json } from '../json.js';

/** `before` is absent for a field that is new, `after` for one that is gone. */
export interface ChangedField {
  readonly field: string;
  readonly before?: Json;
  readonly after?: Json;
}

export interface NamedNode {
  /** With those that it stands in: `review.draft`. */
  readonly id: string;
  readonly kind: string;
}

export interface ChangedNode extends NamedNode {
  /** Of the node itself; nodes inside it are told on their own. */
  readonly fields: readonly ChangedField[];
}

export interface InputChange {
  /** `input.customer.id`. */
  readonly path: string;
  readonly message: string;
  /** Whether an input that was taken before may be refused. */
  readonly breaking: boolean;
}

/** What differs between two definitions of a workflow. */
export interface DefinitionDiff {
  readonly nodes: {
    readonly added: readonly NamedNode[];
    readonly removed: readonly NamedNode[];
    readonly changed: readonly ChangedNode[];
  };
  /** Of the workflow, its nodes and input aside. */
  readonly fields: readonly ChangedField[];
  readonly input: readonly InputChange[];
  /** What a run reserves. */
  readonly credits: { readonly before: number; readonly after: number };
  /** Whether callers may be refused who were not before. */
  readonly breaking: boolean;
}
