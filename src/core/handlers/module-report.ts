import type { WorkflowDefinition } from '../workflow/definition.js';

/** What a module of an author exports, as plain JSON. */
export interface ModuleReport {
  /** In the order of their names. `workflow`: which of `workflows` it is. */
  readonly exports: readonly {
    readonly name: string;
    readonly isFunction: boolean;
    readonly workflow: number | null;
  }[];
  readonly workflows: readonly {
    readonly definition: WorkflowDefinition;
    /** The paths of the nodes whose functions it holds. */
    readonly functions: readonly string[];
  }[];
}

/** Why a module cannot be loaded. */
export interface ModuleFault {
  readonly message: string;
  /** Names places in the sources. */
  readonly stack: string;
}

/** Loads a module, an absolute path, somewhere, and tells what is in it. Rejects when that cannot be done at all. */
export type InspectModule = (
  file: string,
) => Promise<
  { readonly status: 'ok'; readonly report: ModuleReport } | { readonly status: 'faulty'; readonly fault: ModuleFault }
>;
