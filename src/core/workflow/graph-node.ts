import type { Join } from './definition.js';

/** A node of a workflow, with what it needs. */
export interface RunGraphNode {
  readonly id: string;
  readonly kind: string;
  readonly needs: readonly string[];
  readonly join: Join;
  /** Whether it has a condition. */
  readonly conditional: boolean;
  /** The kind of the node inside of a `map`. */
  readonly innerKind: string | null;
  /** The nodes inside it. */
  readonly nodes: readonly RunGraphNode[];
  /** Whether paths inside it have the number of an item or a round. */
  readonly numbered: boolean;
}
