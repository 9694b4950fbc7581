import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { ErrandError } from '../../core/errors.js';
import type { Fault } from '../../core/workflow/definition.js';
import type { ResourceLimits } from '../../core/tenant/scheduling.js';
import { loadFolder, type LoadedFolder } from '../../loader/load-folder.js';
import { nodeKinds } from '../../nodes/registry.js';
import type { CatalogSource } from '../../service/state/catalog.js';
import { type DefinedWorkflow, isDefinedWorkflow } from '../../workflow/defined-workflow.js';
import { assertCallsAreFound, describeSource } from '../assembly/workflow-set.js';

/** A folder of workflows, one of its files, or what `defineWorkflow` returned; of several, the first is meant. */
export type TrialSource = string | DefinedWorkflow | readonly DefinedWorkflow[];

export interface LoadedSource {
  readonly workflowId: string;
  /** The workflow that is meant, and those that it may run. */
  readonly sources: readonly CatalogSource[];
  /** Those that bring their functions along. */
  readonly defined: readonly DefinedWorkflow[];
  readonly resources: ReadonlyMap<string, ResourceLimits>;
}

/** Throws `invalid_definition` with every fault, `not_found` when there is no such workflow. */
export async function loadSource(params: {
  readonly source: TrialSource;
  /** Of a folder with several workflows, the id of the one that is meant. */
  readonly workflow: string | undefined;
  readonly dataDir: string;
}): Promise<LoadedSource> {
  const { source, workflow, dataDir } = params;
  if (typeof source === 'string') return loadFiles(source, workflow, dataDir);
  const defined = [source].flat();
  const [first] = defined;
  if (first === undefined || !defined.every(isDefinedWorkflow)) {
    throw new ErrandError('invalid_input', 'What is tested must be a path, or what defineWorkflow returned.');
  }
  const sources = defined.map((one) => describeSource(one, nodeKinds));
  assertCallsAreFound(defined, nodeKinds, new Set());
  return { workflowId: workflow ?? first.definition.id, sources, defined, resources: new Map() };
}

async function loadFiles(path: string, workflow: string | undefined, dataDir: string): Promise<LoadedSource> {
  const at = resolve(path);
  const found = statSync(at, { throwIfNoEntry: false });
  if (found === undefined) throw new ErrandError('not_found', `There is no file or folder ${at}.`);
  const file = found.isDirectory() ? null : basename(at);
  const loaded = await loadFolder({ dir: file === null ? at : dirname(at), kinds: nodeKinds, dataDir });
  const faults = loaded.faults.filter((fault) => file === null || fault.file === file);
  if (faults.length > 0) {
    throw new ErrandError('invalid_definition', `What is tested has faults: ${faults.map(tellFault).join('; ')}`, {
      problems: faults.map((fault) => ({ path: fault.path, message: tellFault(fault) })),
    });
  }
  const { workflows, resources } = loaded;
  return { workflowId: workflow ?? onlyOne(loaded, file, at), sources: workflows, defined: [], resources };
}

function onlyOne({ workflows }: LoadedFolder, file: string | null, at: string): string {
  const meant = workflows.filter((one) => file === null || one.file === file);
  const [first] = meant;
  if (first !== undefined && meant.length === 1) return first.definition.id;
  const ids = meant.map(({ definition }) => definition.id).join(', ');
  throw new ErrandError(
    'invalid_input',
    first === undefined
      ? `There is no workflow in ${at}.`
      : `There are several workflows in ${at}: say which is tested, { workflow: … }. There are ${ids}.`,
  );
}

function tellFault({ file, line, column, path, message }: Fault): string {
  const place = [file, line, column].filter((part) => part !== null).join(':');
  return `${place}: ${path === '' ? '' : `${path}: `}${message}`;
}
