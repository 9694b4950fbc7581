import { readFile } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import type { Fault, HandlerRef, WorkflowDefinition } from '../core/workflow/definition.js';
import { errorMessage } from '../core/errors.js';
import { doInTurns } from '../core/event-loop.js';
import type { Isolation } from '../core/ports/isolation.js';
import type { McpServersConfig } from '../core/ports/mcp-servers-config.js';
import { type ModelsConfig, NO_MODELS_CONFIG } from '../core/models/models-config.js';
import type { ResourceLimits } from '../core/tenant/scheduling.js';
import type { NodeKind } from '../core/handlers/node-kind.js';
import { checkCalls } from '../workflow/check/check-calls.js';
import { inspectDefinition } from '../workflow/check/check-definition.js';
import { findToolWarnings } from '../workflow/check/tool-form/check-tool-form.js';
import type { DefinitionFault } from '../workflow/check/fields/faults.js';
import { hashWorkflow } from '../workflow/plan/hash.js';
import type { InspectModule, ModuleReport } from '../core/handlers/module-report.js';
import { inspectHere } from './inspect-here.js';
import { findWorkflowFiles, type WorkflowFile } from './find-workflow-files.js';
import { HandlerStore } from './bundles/handler-store.js';
import type { KeptModules } from './kept/kept-modules.js';
import { findHandlerUses, type HandlerFault, type InlineRef, loadHandlers, ModuleLoader } from './load-handlers.js';
import { findShared, loadMcpServers } from './load-mcp-servers.js';
import { loadModels } from './load-models.js';
import { loadResources } from './load-resources.js';
import { readSource } from './read-source.js';
import { locateInCode } from './locate-in-code.js';

/** A workflow that was found without a fault, ready to become a version. */
export interface LoadedWorkflow {
  readonly definition: WorkflowDefinition;
  /** By node id; for a map's inner node, `<map id>/do`. */
  readonly handlers: { readonly [nodePath: string]: HandlerRef };
  readonly hash: string;
  /** Relative to the folder, with `/`. */
  readonly file: string;
}

export interface LoadedFolder {
  /** Sorted by id. */
  readonly workflows: readonly LoadedWorkflow[];
  /** In the order of their files and lines; `file` is relative to the folder, with `/`. */
  readonly faults: readonly Fault[];
  /**
   * Where tools are shown to hosts in another way than written, patterns that may be slow, and what organizations share
   * though nobody has said that this is meant.
   */
  readonly warnings: readonly Fault[];
  /** What `resources.yaml` declares; empty when there is none. */
  readonly resources: ReadonlyMap<string, ResourceLimits>;
  /** What `mcp-servers.yaml` declares. */
  readonly mcpServers: McpServersConfig;
  /** What `models.yaml` declares. */
  readonly models: ModelsConfig;
  /** By the SHA-256 of a bundle, the file that it was made of, absolute. */
  readonly entries: ReadonlyMap<string, string>;
  /** Every file that the outcome depends on, absolute; those that are missing too. */
  readonly files: readonly string[];
}

export interface LoadParams {
  readonly dir: string;
  readonly kinds: ReadonlyMap<string, NodeKind>;
  /** Where handler bundles are kept (`<dataDir>/handlers`). */
  readonly dataDir: string;
  /** Where `${NAME}` in the configuration is looked up; this process's own environment when not given. */
  readonly env?: { readonly [name: string]: string | undefined };
  /** Where long files are read; without it, by this thread. */
  readonly isolation?: Pick<Isolation, 'readSource'> | undefined;
  /** Where the files of handlers are loaded to see what they export; in this process when not given. */
  readonly inspect?: InspectModule;
  /** What earlier loads have kept of handlers; all of them are bundled and inspected when not given. */
  readonly kept?: KeptModules | undefined;
}

/**
 * Reads every workflow of a folder with its handlers. Never rejects for what is in the files: all of it comes back as
 * faults.
 */
export async function loadFolder(params: LoadParams): Promise<LoadedFolder> {
  const dir = resolve(params.dir);
  const { inspect = inspectHere, kept } = params;
  const store = new HandlerStore({ dataDir: params.dataDir });
  const modules = new ModuleLoader({ dir, store, inspect, kept });
  let found: readonly WorkflowFile[];
  try {
    found = await findWorkflowFiles(dir);
  } catch (thrown) {
    return unreadable(thrown);
  }
  // What goes through most hands begins first.
  for (const { file, format } of found)
    if (format === 'module') void modules.loadWorkflows(file).catch(() => undefined);
  const declared = await loadResources(dir);
  const models = await loadModels(dir);
  const mcp = await loadMcpServers(dir, params.env ?? process.env);
  const { kinds, isolation } = params;
  const context: FileContext = { dir, kinds, modules, resources: declared.names, isolation };
  const loaded = await Promise.all(found.map((file) => loadFile(file, context)));
  const all = loaded.flatMap(({ workflows }) => workflows);
  const twice = findDuplicates(all);
  const workflowIds = new Set(loaded.flatMap(({ ids }) => ids));
  const lost = all.flatMap((workflow) => findLostCalls(workflow, { ...context, workflowIds, mcpServers: mcp.names }));
  const faults = uniqueFaults([
    ...declared.faults,
    ...mcp.faults,
    ...models.faults,
    ...loaded.flatMap((file) => file.faults),
    ...[...twice, ...lost].map(({ fault }) => fault),
  ]);
  const warnings = [...all.flatMap((workflow) => findWarnings(workflow, dir)), ...findShared(mcp.servers)];
  const refused = new Set([...twice, ...lost].map(({ workflow }) => workflow));
  return {
    workflows: all
      .filter((workflow) => !refused.has(workflow))
      .map(({ definition, handlers, hash, file }) => ({ definition, handlers, hash, file }))
      .toSorted((a, b) => (a.definition.id < b.definition.id ? -1 : 1)),
    faults: faults.toSorted(compareFaults),
    warnings: warnings.toSorted(compareFaults),
    resources: declared.resources,
    mcpServers: mcp.servers,
    models: models.config,
    entries: modules.entries,
    files: [
      ...new Set([
        ...found.map(({ file }) => file),
        ...declared.files,
        ...mcp.files,
        ...models.files,
        ...modules.files,
      ]),
    ],
  };
}

function unreadable(thrown: unknown): LoadedFolder {
  const message = `the folder cannot be read: ${errorMessage(thrown)}`;
  return {
    workflows: [],
    faults: [{ file: '.', line: null, column: null, path: '', message }],
    warnings: [],
    resources: new Map(),
    mcpServers: new Map(),
    models: NO_MODELS_CONFIG,
    entries: new Map(),
    files: [],
  };
}

interface FileContext {
  readonly dir: string;
  readonly kinds: ReadonlyMap<string, NodeKind>;
  readonly modules: ModuleLoader;
  readonly resources: ReadonlySet<string>;
  readonly isolation: LoadParams['isolation'];
}

/** With what tells where a place of it stands. */
type FoundWorkflow = LoadedWorkflow & {
  readonly locate: Locate;
  readonly warnings: readonly DefinitionFault[];
};

interface FileOutcome {
  /** Those of workflows with faults, too. */
  readonly ids: readonly string[];
  readonly workflows: readonly FoundWorkflow[];
  readonly faults: readonly Fault[];
}

type Locate = (fault: DefinitionFault) => { readonly line: number | null; readonly column: number | null };

async function loadFile(found: WorkflowFile, context: FileContext): Promise<FileOutcome> {
  const file = showFile(found.file, context.dir);
  const refuse = (message: string): FileOutcome => ({
    ids: [],
    workflows: [],
    faults: [{ file, line: null, column: null, path: '', message }],
  });
  try {
    const text = await readFile(found.file, 'utf8');
    return await (found.format === 'module' ? loadModule(found.file, text, context) : loadText(found, text, context));
  } catch (thrown) {
    return refuse(`the file cannot be loaded: ${errorMessage(thrown)}`);
  }
}

async function loadText(found: WorkflowFile, text: string, context: FileContext): Promise<FileOutcome> {
  const file = showFile(found.file, context.dir);
  const source = await readSource({ text, format: found.format === 'json' ? 'json' : 'yaml' }, context.isolation);
  if (!found.named && !looksLikeWorkflow(source.value, text)) return { ids: [], workflows: [], faults: [] };
  if (source.faults.length > 0)
    return { ids: [], workflows: [], faults: source.faults.map((fault) => ({ file, path: '', ...fault })) };
  return loadDefinition({
    definition: source.value,
    workflowFile: found.file,
    locate: (fault) => source.locate(fault.at),
    inlineRef: () => null,
    context,
  });
}

/** JSON files of other purposes may lie beside workflows. */
function looksLikeWorkflow(value: unknown, text: string): boolean {
  if (value === undefined) return /"nodes"\s*:/.test(text);
  return typeof value === 'object' && value !== null && ('nodes' in value || 'id' in value);
}

async function loadModule(workflowFile: string, code: string, context: FileContext): Promise<FileOutcome> {
  const { dir, modules } = context;
  const file = showFile(workflowFile, dir);
  const module = await modules.loadWorkflows(workflowFile);
  if (module.status === 'faulty') {
    return {
      ids: [],
      workflows: [],
      faults: module.faults.map((fault) => ({ ...fault, file: showFile(fault.file, dir), path: '' })),
    };
  }
  const exported = findWorkflows(module.report);
  if (exported.length === 0) {
    const message = 'no workflow is exported; write: export default defineWorkflow({ … })';
    return { ids: [], workflows: [], faults: [{ file, line: null, column: null, path: '', message }] };
  }
  const outcomes = await Promise.all(
    exported.map(async ({ exportName, definition, functions }) =>
      loadDefinition({
        definition,
        workflowFile,
        locate: (fault) =>
          locateInCode({ code, fault, nodeId: nodeIdAt(definition, fault) }) ?? { line: null, column: null },
        inlineRef: (nodeId) =>
          functions.includes(nodeId) ? { kind: 'bundle', bundle: module.sha, export: exportName, nodeId } : null,
        context,
      }),
    ),
  );
  return {
    ids: outcomes.flatMap(({ ids }) => ids),
    workflows: outcomes.flatMap(({ workflows }) => workflows),
    faults: outcomes.flatMap(({ faults }) => faults),
  };
}

/** Each under the first of its names. */
function findWorkflows({
  exports,
  workflows,
}: ModuleReport): readonly (ModuleReport['workflows'][number] & { readonly exportName: string })[] {
  return workflows.map((workflow, number) => {
    const exported = exports.find((each) => each.workflow === number);
    return { ...workflow, exportName: exported?.name ?? '' };
  });
}

function nodeIdAt(definition: WorkflowDefinition, { at }: DefinitionFault): string | null {
  const id: unknown = at[0] === 'nodes' && typeof at[1] === 'number' ? definition.nodes[at[1]]?.id : undefined;
  return typeof id === 'string' ? id : null;
}

async function loadDefinition(params: {
  readonly definition: unknown;
  readonly workflowFile: string;
  readonly locate: Locate;
  readonly inlineRef: InlineRef;
  readonly context: FileContext;
}): Promise<FileOutcome> {
  const { workflowFile, locate, inlineRef, context } = params;
  const { dir, kinds, modules, resources } = context;
  const file = showFile(workflowFile, dir);
  const { list: faults, warnings } = await doInTurns(
    inspectDefinition({ definition: params.definition, kinds, resources }),
  );
  const uses = findHandlerUses(params.definition, kinds);
  const loaded = await loadHandlers({ uses, workflowFile, modules, inlineRef });
  const told = [...faults, ...loaded.faults].map((fault) => toFault({ fault, file, dir, locate }));
  const { id } = Object(params.definition) as { readonly id?: unknown };
  const ids = typeof id === 'string' ? [id] : [];
  if (told.length > 0) return { ids, workflows: [], faults: told };
  const definition = params.definition as WorkflowDefinition;
  const { handlers } = loaded;
  const hash = hashWorkflow({ definition, handlers });
  return { ids, workflows: [{ definition, handlers, hash, file, locate, warnings }], faults: [] };
}

function toFault(params: {
  readonly fault: DefinitionFault | HandlerFault;
  readonly file: string;
  readonly dir: string;
  readonly locate: Locate;
}): Fault {
  const { fault, file, dir, locate } = params;
  const { path, message } = fault;
  const value = fault.value === undefined ? {} : { value: fault.value };
  if ('file' in fault) {
    return { file: showFile(fault.file, dir), line: fault.line, column: fault.column, path, message, ...value };
  }
  const { line, column } = locate(fault);
  return { file, line, column, path, message, ...value };
}

/** Neither of two workflows with the same id is taken: which one was meant is for a person to say. */
function findDuplicates(workflows: readonly FoundWorkflow[]): { workflow: FoundWorkflow; fault: Fault }[] {
  return workflows.flatMap((workflow) => {
    const { id } = workflow.definition;
    const other = workflows.find((candidate) => candidate !== workflow && candidate.definition.id === id);
    if (other === undefined) return [];
    const { file } = workflow;
    const { line, column } = workflow.locate({ path: 'id', at: ['id'], message: '', value: id });
    const message = `another workflow has this id too: ${other.file}`;
    return [{ workflow, fault: { file, line, column, path: 'id', message, value: id } }];
  });
}

/** A workflow that runs one which is not there, or calls a server which is not, is not taken: it could only fail. */
function findLostCalls(
  workflow: FoundWorkflow,
  {
    dir,
    kinds,
    workflowIds,
    mcpServers,
  }: {
    readonly dir: string;
    readonly kinds: ReadonlyMap<string, NodeKind>;
    readonly workflowIds: ReadonlySet<string>;
    readonly mcpServers: ReadonlySet<string>;
  },
): { workflow: FoundWorkflow; fault: Fault }[] {
  const { definition, file, locate } = workflow;
  return checkCalls({ definition, kinds, workflowIds, mcpServers }).map((fault) => ({
    workflow,
    fault: toFault({ fault, file, dir, locate }),
  }));
}

function findWarnings({ definition, file, locate, warnings }: FoundWorkflow, dir: string): readonly Fault[] {
  const found = [...findToolWarnings(definition), ...warnings];
  return found.map((fault) => toFault({ fault, file, dir, locate }));
}

/** Several nodes may use the same faulty file. */
function uniqueFaults(faults: readonly Fault[]): Fault[] {
  const seen = new Map<string, Fault>();
  for (const fault of faults) {
    const { file, line, column, message } = fault;
    const key = line === null ? JSON.stringify(fault) : JSON.stringify([file, line, column, message]);
    if (!seen.has(key)) seen.set(key, fault);
  }
  return [...seen.values()];
}

function compareFaults(a: Fault, b: Fault): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function showFile(file: string, dir: string): string {
  return relative(dir, file).split(sep).join('/');
}
