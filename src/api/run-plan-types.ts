import type { Json } from '../core/json.js';
import type { NodeError } from '../core/run/node-execution.js';
import type { Join } from '../core/workflow/definition.js';

/** `GET /api/v1/runs/:id/graph` gives `{ nodes }`: those of the version that the run is on, in its order. */
export interface ApiGraphNode {
  /** In the workflow, or in the node that it stands in. */
  readonly id: string;
  readonly kind: string;
  /** The nodes that it comes after. */
  readonly needs: readonly string[];
  readonly join: Join;
  /** Whether it is skipped unless a condition holds. */
  readonly conditional: boolean;
  /** The kind of what a `map` does with each item; null for other kinds. */
  readonly inner_kind: string | null;
  /**
   * The nodes inside it (`group`, `repeat`, `switch`, `race`, or a `map` of one of these), which need each other alone.
   * In the run's record they are in `inner`, by the path of the node: `review.draft`.
   */
  readonly nodes: readonly ApiGraphNode[];
  /** Whether paths inside it have the number of an item (from 0) or a round (from 1): `each[3].fetch`. */
  readonly numbered: boolean;
}

/** `GET /api/v1/runs/:id/nodes/:node/input`. A secret is shown as its name: `[secret NAME]`. */
export interface ApiNodeInput {
  /** The node's `with`, evaluated as its latest attempt had it. */
  readonly input: Json;
  /** The fields of its kind, evaluated. */
  readonly fields: { readonly [name: string]: Json };
  /** Why there is no input: its expressions cannot be evaluated. */
  readonly error: NodeError | null;
}
