import { pathToFileURL } from 'node:url';
import type { Handler } from '../core/handlers/node-kind.js';
import { NodeFailure } from '../core/handlers/node-kind.js';
import type { ModuleReport } from '../core/handlers/module-report.js';
import type { HandlerRef } from '../core/workflow/definition.js';
import { errorMessage } from '../core/errors.js';
import { type DefinedWorkflow, isDefinedWorkflow } from './defined-workflow.js';

export interface ModuleExports {
  readonly [name: string]: unknown;
}

/** Runs the module's top level, the first time. */
export async function importModule(file: string): Promise<ModuleExports> {
  return (await import(pathToFileURL(file).href)) as ModuleExports;
}

/** What a module exports, to be told where the module is not. */
export function reportModule(exports: ModuleExports): ModuleReport {
  const workflows: DefinedWorkflow[] = [];
  const numberOf = (value: unknown): number | null => {
    if (!isDefinedWorkflow(value)) return null;
    // One may be exported under several names.
    if (!workflows.includes(value)) workflows.push(value);
    return workflows.indexOf(value);
  };
  return {
    exports: Object.entries(exports).map(([name, value]) => ({
      name,
      isFunction: typeof value === 'function',
      workflow: numberOf(value),
    })),
    workflows: workflows.map(({ definition, functions }) => ({ definition, functions: Object.keys(functions) })),
  };
}

type BundleRef = Extract<HandlerRef, { kind: 'bundle' }>;

/**
 * The function that a reference names. Rejects with a NodeFailure of kind `handler_missing`, not retryable, when there
 * is none.
 */
export async function importHandler(file: string, ref: Pick<BundleRef, 'export' | 'nodeId'>): Promise<Handler> {
  let exported: unknown;
  try {
    exported = (await importModule(file))[ref.export];
  } catch (thrown) {
    throw handlerMissing(`The handler cannot be loaded: ${errorMessage(thrown)}`, thrown);
  }
  const handler = ref.nodeId === undefined ? exported : readFunction(exported, ref.nodeId);
  if (typeof handler === 'function') return handler as Handler;
  throw handlerMissing(`The handler has no function ${ref.nodeId ?? ref.export} (${file}).`);
}

function readFunction(exported: unknown, nodePath: string): unknown {
  return isDefinedWorkflow(exported) ? exported.functions[nodePath] : undefined;
}

export function handlerMissing(message: string, cause?: unknown): NodeFailure {
  return new NodeFailure(message, {
    kind: 'handler_missing',
    retryable: false,
    ...(cause === undefined ? {} : { cause }),
  });
}
