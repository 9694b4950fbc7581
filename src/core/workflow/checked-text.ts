import type { WorkflowEstimate } from '../estimates/estimate.js';
import type { Json, JsonSchema } from '../json.js';
import type { RunGraphNode } from './graph-node.js';

/** A definition as somebody wrote it. YAML includes JSON. */
export interface WorkflowText {
  readonly text: string;
  readonly format: 'yaml' | 'json';
}

/** A fault or a warning, with its place in the text. Null: it cannot be made out. */
export interface PlacedFault {
  /** `nodes[2].needs[0]`; empty for the definition as a whole. */
  readonly path: string;
  readonly message: string;
  readonly value?: Json;
  readonly line: number | null;
  readonly column: number | null;
}

/** What is to be said of a definition before it is published. */
export interface CheckedText {
  /** Null: it says none. */
  readonly workflowId: string | null;
  readonly name: string | null;
  /** With one, it cannot be published. */
  readonly faults: readonly PlacedFault[];
  /** How many faults there are; of very many, the first are told. */
  readonly faultCount: number;
  readonly warnings: readonly PlacedFault[];
  /** As much of it as can be made out. */
  readonly graph: readonly RunGraphNode[];
  readonly inputSchema: JsonSchema | null;
  readonly outputSchema: JsonSchema | null;
  /** By the runs of the workflow with this id; null with faults. */
  readonly estimate: WorkflowEstimate | null;
  /** The version that is published under this id; null: none of this owner. */
  readonly published: number | null;
}
