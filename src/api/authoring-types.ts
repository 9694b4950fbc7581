import type { ApiWorkflow } from './api-types.js';
import type { Json, JsonObject, JsonSchema } from '../core/json.js';
import type { DefinitionDiff } from '../core/workflow/definition-diff.js';
import type { ApiEstimate } from './estimate-types.js';
import type { ApiGraphNode } from './run-plan-types.js';

/** A function of a workflow: in which of the bundles, and under which name. */
export interface ApiGivenHandler {
  readonly bundle: string;
  readonly export: string;
  /** Where the export is a workflow that holds the function. */
  readonly node_id?: string;
}

export interface ApiGivenWorkflow {
  readonly definition: JsonObject;
  /** By node id; for a map's inner node, `<map id>/do`. */
  readonly handlers?: { readonly [nodePath: string]: ApiGivenHandler };
}

export interface ApiGivenBundle {
  /** SHA-256 (hex) of the code. */
  readonly sha: string;
  /** A self-contained ES module, packages aside. */
  readonly code: string;
  /** What it imports from packages. */
  readonly packages: readonly string[];
}

/** Workflows that were switched to other versions in one moment. */
export interface ApiPublication {
  readonly number: number;
  readonly for_all: boolean;
  readonly created_at: string;
  /** The key or grant that did it; null: the server. */
  readonly key_id: string | null;
  /** Null: not published. */
  readonly changes: readonly {
    readonly workflow_id: string;
    readonly before: number | null;
    readonly after: number | null;
  }[];
}

export interface ApiPublished {
  readonly publication: ApiPublication;
  readonly workflows: readonly { readonly id: string; readonly version: number }[];
}

export interface ApiVersionItem {
  readonly version: number;
  readonly hash: string;
  readonly created_at: string;
}

export interface ApiWorkflowVersion extends ApiVersionItem {
  readonly id: ApiWorkflow['id'];
  readonly definition: JsonObject;
  /** The bundles that its functions are in. */
  readonly bundles: readonly string[];
}

/** A definition as somebody wrote it. */
export interface ApiWorkflowText {
  readonly text: string;
  /** `yaml` when not given, which includes JSON. */
  readonly format?: 'yaml' | 'json';
}

/** What a node gives in a dry run. */
export type ApiGivenOutcome =
  | { readonly output: Json }
  | { readonly error: { readonly message: string; readonly kind?: string; readonly retryable?: boolean } };

/** What a dry run is to be given, beside the text or the draft. */
export interface ApiDryRunAsk {
  /** `{}` when not given. */
  readonly input?: Json;
  /** As `configuration.context` of a run. */
  readonly instruction?: string;
  /** By node: `charge`, `each/do`, `review.draft`. Of a list, one for each call, the last for all that follow. */
  readonly outputs?: { readonly [node: string]: ApiGivenOutcome | readonly ApiGivenOutcome[] };
}

export interface ApiDryRunNode {
  readonly id: string;
  readonly kind: string;
  /** Null for nodes of maps, of which there is one for each item. */
  readonly status: string | null;
  /** What it gave in place of its work: what was given, or what its kind stands in with; null: it worked. */
  readonly replaced_by: 'given' | 'stand_in' | null;
  readonly call_count: number;
  /** The first five. Null: too long to be shown. */
  readonly calls: readonly { readonly attempt: number; readonly input: Json; readonly fields: Json }[];
  readonly output: Json;
  readonly error: { readonly kind: string; readonly message: string } | null;
}

/** A run that nothing is kept of, and that reached nothing. */
export interface ApiDryRun {
  readonly status: string;
  readonly output: Json;
  readonly error: { readonly kind: string; readonly message: string; readonly node_id: string | null } | null;
  readonly summary: string | null;
  /** What such a run would have cost. */
  readonly credits: number;
  /** How long its waits and pauses would have taken. */
  readonly waited_seconds: number;
  /** Whether it was ended because it took too long, or waits for what nobody brings. */
  readonly cut_off: boolean;
  readonly nodes: readonly ApiDryRunNode[];
}

/** A fault or a warning, with its place. */
export interface ApiPlacedFault {
  /** `nodes[2].needs[0]`; empty for the definition as a whole. */
  readonly path: string;
  readonly message: string;
  /** The value that is meant, where there is one. */
  readonly value?: Json;
  /** From 1. Null: it cannot be made out. */
  readonly line: number | null;
  readonly column: number | null;
}

/** What there is to say of a definition before it is published. */
export interface ApiCheckedText {
  /** Whether it can be published. */
  readonly ok: boolean;
  readonly workflow_id: string | null;
  readonly name: string | null;
  /** The first 100. */
  readonly faults: readonly ApiPlacedFault[];
  readonly fault_count: number;
  readonly warnings: readonly ApiPlacedFault[];
  /** As much as can be made out. */
  readonly graph: { readonly nodes: readonly ApiGraphNode[]; readonly edges: readonly ApiGraphEdge[] };
  readonly input_schema: JsonSchema | null;
  readonly output_schema: JsonSchema | null;
  /** By the latest runs of the workflow with this id; null with faults. */
  readonly estimate: ApiEstimate | null;
  /** Published now under this id by the same owner. */
  readonly published_version: number | null;
}

/** `to` comes after `from`. */
export interface ApiGraphEdge {
  readonly from: string;
  readonly to: string;
}

/** A definition that is being written, without its text. */
export interface ApiDraftItem {
  readonly id: string;
  readonly for_all: boolean;
  readonly workflow_id: string | null;
  readonly name: string | null;
  /** The published version that it was made of; null: it is a new workflow. */
  readonly base_version: number | null;
  readonly fault_count: number;
  /** Counts from 1. */
  readonly revision: number;
  readonly created_at: string;
  readonly updated_at: string;
  /** The key or grant that wrote this revision. */
  readonly key_id: string | null;
}

export interface ApiDraft extends ApiDraftItem {
  readonly text: string;
  readonly format: 'yaml' | 'json';
  readonly check: ApiCheckedText;
}

/** What differs between two versions of a workflow, or a version and a draft. */
export interface ApiWorkflowDiff extends DefinitionDiff {
  readonly workflow_id: string | null;
  /** A version; null: from nothing. */
  readonly from: number | null;
  /** A version; null: to the draft. */
  readonly to: number | null;
}
