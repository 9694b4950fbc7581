import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HandlerRef } from '../core/workflow/definition.js';
import type { InspectModule, ModuleReport } from '../core/handlers/module-report.js';
import type { FieldSpec, NodeKind } from '../core/handlers/node-kind.js';
import type { DefinitionFault } from '../workflow/check/fields/faults.js';
import { itemPath } from '../workflow/plan/item-path.js';
import { INLINE, parseUses } from '../workflow/plan/uses.js';
import { formatPath, type DefinitionPath } from '../workflow/schema/value-text.js';
import type { BundleFault } from './bundles/bundle-handler.js';
import { BundleQueue } from './bundles/bundle-queue.js';
import { escapePattern } from './locate-in-code.js';
import type { HandlerStore } from './bundles/handler-store.js';
import type { KeptModule, KeptModules } from './kept/kept-modules.js';

/** A field of a node that names a function. */
export interface HandlerUse {
  readonly nodePath: string;
  readonly at: DefinitionPath;
  readonly uses: string;
}

/** What a handler's file came to: its exports, or what is wrong with it. */
type LoadedModule =
  | { readonly status: 'ok'; readonly sha: string; readonly report: ModuleReport }
  | { readonly status: 'faulty'; readonly faults: readonly BundleFault[] };

/** Bundles and keeps files, and has them inspected, each once, and remembers what went into them. */
export class ModuleLoader {
  /** Every file that was read, absolute. */
  readonly files = new Set<string>();
  /** By the SHA-256 of its bundle, the file that it was made of. */
  readonly entries = new Map<string, string>();
  readonly #store: HandlerStore;
  readonly #inspect: InspectModule;
  readonly #kept: KeptModules | null;
  readonly #bundles: BundleQueue;
  readonly #loaded = new Map<string, Promise<LoadedModule>>();

  /** `dir`: the folder of workflows. */
  constructor(params: {
    readonly dir: string;
    readonly store: HandlerStore;
    readonly inspect: InspectModule;
    readonly kept?: KeptModules | undefined;
  }) {
    this.#bundles = new BundleQueue(params.dir);
    this.#store = params.store;
    this.#inspect = params.inspect;
    this.#kept = params.kept ?? null;
  }

  load(file: string): Promise<LoadedModule> {
    let loading = this.#loaded.get(file);
    if (loading === undefined) {
      loading = this.#load(file);
      this.#loaded.set(file, loading);
    }
    return loading;
  }

  /** A module of workflows: what it names as handlers, most likely, is bundled while it is inspected. */
  async loadWorkflows(file: string): Promise<LoadedModule> {
    const loading = this.load(file);
    if ((await this.#findKept(file)) !== null) return loading;
    const bundled = await this.#bundles.bundle(file);
    if (bundled.status === 'ok') void this.#bundleAhead(dirname(file), findNamedFiles(bundled.bundle.code));
    return loading;
  }

  async #bundleAhead(folder: string, named: readonly string[]): Promise<void> {
    const files = named.slice(0, MAX_AHEAD).map((name) => resolve(folder, name));
    const areThere = await Promise.all(files.map(isFile));
    // Whatever fails here fails again when the handler is loaded.
    for (const [index, file] of files.entries())
      if (areThere[index] === true && (await this.#findKept(file)) === null)
        this.#bundles.bundle(file).catch(() => undefined);
  }

  async #findKept(file: string): Promise<KeptModule | null> {
    return this.#kept?.find(file) ?? null;
  }

  async #load(file: string): Promise<LoadedModule> {
    const kept = await this.#findKept(file);
    if (kept === null) return this.#loadAnew(file);
    const { sha, inputs, report } = kept;
    for (const input of inputs) this.files.add(input);
    this.entries.set(sha, file);
    if (report !== null) return { status: 'ok', sha, report };
    return this.#inspectBundle({ file, sha, inputs });
  }

  async #loadAnew(file: string): Promise<LoadedModule> {
    const bundled = await this.#bundles.bundle(file);
    for (const input of bundled.inputs) this.files.add(input);
    if (bundled.status === 'faulty') return bundled;
    const { sha } = bundled.bundle;
    this.entries.set(sha, file);
    await this.#store.save(bundled.bundle);
    const loaded = await this.#inspectBundle({ file, sha, inputs: bundled.inputs });
    if (loaded.status === 'ok') this.#kept?.note(file, bundled, loaded.report);
    return loaded;
  }

  async #inspectBundle(params: {
    readonly file: string;
    readonly sha: string;
    readonly inputs: readonly string[];
  }): Promise<LoadedModule> {
    const { file, sha, inputs } = params;
    const inspected = await this.#inspect(this.#store.fileOf(sha));
    if (inspected.status === 'ok') return { status: 'ok', sha, report: inspected.report };
    const { message, stack } = inspected.fault;
    return {
      status: 'faulty',
      faults: [{ file, line: null, column: null, ...findPlace(stack, inputs), message }],
    };
  }
}

/**
 * From the stack, which names the source while source maps are enabled: the topmost place in one of the author's files.
 */
function findPlace(
  stack: string,
  inputs: readonly string[],
): { readonly file: string; readonly line: number; readonly column: number } | null {
  // A path as it is, as a URL, or with the backslashes of its names turned round, as Node tells it.
  const spellings = new Map(
    inputs.flatMap((file) => [file, pathToFileURL(file).href, file.replaceAll('\\', '/')].map((told) => [told, file])),
  );
  const files = [...spellings.keys()].map(escapePattern).join('|');
  const place = new RegExp(`(?:\\(|at |async |file://)(${files}):(\\d+):(\\d+)`).exec(stack);
  const file = spellings.get(place?.[1] ?? '');
  return file === undefined ? null : { file, line: Number(place?.[2]), column: Number(place?.[3]) };
}

/** The most that is bundled before anybody asks for it. */
const MAX_AHEAD = 200;

/** Relative paths of code in the texts of a module, as `uses` names them: with an export behind `#`, or without. */
function findNamedFiles(code: string): readonly string[] {
  const texts = code.matchAll(/(["'`])(\.{1,2}\/[^"'`\n#\\]{1,300}\.[cm]?[jt]sx?)(?:#\w+)?\1/g);
  return [...new Set([...texts].map(([, , path = '']) => path))];
}

/** Every place of a definition, faulty or not, where a function is named. */
export function findHandlerUses(definition: unknown, kinds: ReadonlyMap<string, NodeKind>): HandlerUse[] {
  return findInNodes({ nodes: readField(definition, 'nodes'), nodePath: null, at: ['nodes'], kinds });
}

function findInNodes(params: {
  readonly nodes: unknown;
  /** What the paths of these nodes begin with. */
  readonly nodePath: string | null;
  readonly at: DefinitionPath;
  readonly kinds: ReadonlyMap<string, NodeKind>;
}): HandlerUse[] {
  const { nodes, nodePath, at, kinds } = params;
  if (!Array.isArray(nodes)) return [];
  return (nodes as readonly unknown[]).flatMap((node, index) => {
    const id = readField(node, 'id');
    if (typeof id !== 'string') return [];
    return findInNode({ node, nodePath: nodePath === null ? id : `${nodePath}/${id}`, at: [...at, index], kinds });
  });
}

function findInNode(params: {
  readonly node: unknown;
  readonly nodePath: string;
  readonly at: DefinitionPath;
  readonly kinds: ReadonlyMap<string, NodeKind>;
}): HandlerUse[] {
  const { node, nodePath, at, kinds } = params;
  const kind = kinds.get(String(readField(node, 'kind')));
  return Object.entries(kind?.fields ?? {}).flatMap(([name, field]) => {
    const value = readField(node, name);
    if (field.role === 'handler' && typeof value === 'string') return [{ nodePath, at: [...at, name], uses: value }];
    if (field.role === 'list')
      return findInList({ list: value, path: `${nodePath}/${name}`, at: [...at, name], field });
    if (field.role === 'nodes')
      return findInNodes({ nodes: value, nodePath: `${nodePath}/${name}`, at: [...at, name], kinds });
    if (field.role !== 'node') return [];
    return findInNode({ node: value, nodePath: `${nodePath}/${name}`, at: [...at, name], kinds });
  });
}

function findInList(params: {
  readonly list: unknown;
  readonly path: string;
  readonly at: DefinitionPath;
  readonly field: FieldSpec;
}): HandlerUse[] {
  const { list, path, at, field } = params;
  if (!Array.isArray(list)) return [];
  const handlers = Object.entries(field.items ?? {}).filter(([, { role }]) => role === 'handler');
  return (list as readonly unknown[]).flatMap((item, index) =>
    handlers.flatMap(([name]) => {
      const uses = readField(item, name);
      return typeof uses === 'string'
        ? [{ nodePath: itemPath(path, item, index), at: [...at, index, name], uses }]
        : [];
    }),
  );
}

function readField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as { readonly [name: string]: unknown })[name]
    : undefined;
}

/** Where an inline function is, if the workflow holds one for the node. */
export type InlineRef = (nodePath: string) => HandlerRef | null;

export type HandlerFault = DefinitionFault | (BundleFault & { readonly at: DefinitionPath; readonly path: string });

/**
 * Loads every function that a workflow names. A fault is in the workflow (no such file or export) or in the handler's
 * own file.
 */
export async function loadHandlers(params: {
  readonly uses: readonly HandlerUse[];
  /** The workflow's file, absolute. */
  readonly workflowFile: string;
  readonly modules: ModuleLoader;
  readonly inlineRef: InlineRef;
}): Promise<{
  readonly handlers: { readonly [nodePath: string]: HandlerRef };
  readonly faults: readonly HandlerFault[];
}> {
  const handlers: { [nodePath: string]: HandlerRef } = {};
  const faults: HandlerFault[] = [];
  const results = await Promise.all(params.uses.map((use) => loadHandler(use, params)));
  for (const [index, result] of results.entries()) {
    const nodePath = params.uses[index]?.nodePath;
    if (result.ref !== null && nodePath !== undefined) handlers[nodePath] = result.ref;
    faults.push(...result.faults);
  }
  return { handlers, faults };
}

interface LoadedHandler {
  readonly ref: HandlerRef | null;
  readonly faults: readonly HandlerFault[];
}

async function loadHandler(
  { nodePath, at, uses }: HandlerUse,
  params: { readonly workflowFile: string; readonly modules: ModuleLoader; readonly inlineRef: InlineRef },
): Promise<LoadedHandler> {
  const path = formatPath(at);
  const fault = (message: string): LoadedHandler => ({ ref: null, faults: [{ at, path, message, value: uses }] });
  if (uses === INLINE) {
    const ref = params.inlineRef(nodePath);
    return ref === null
      ? fault(`"${INLINE}" stands for a function in TypeScript, and there is none here`)
      : { ref, faults: [] };
  }
  const place = parseUses(uses);
  // The definition's own check tells what `uses` must look like.
  if (place === null) return { ref: null, faults: [] };
  const file = resolve(dirname(params.workflowFile), place.file);
  params.modules.files.add(file);
  if (!(await isFile(file))) return fault('there is no such file');
  const module = await params.modules.load(file);
  if (module.status === 'faulty') return { ref: null, faults: module.faults.map((found) => ({ ...found, at, path })) };
  if (module.report.exports.some(({ name, isFunction }) => name === place.export && isFunction)) {
    return { ref: { kind: 'bundle', bundle: module.sha, export: place.export }, faults: [] };
  }
  return fault(describeExports(place.export, module.report));
}

function describeExports(wanted: string, { exports }: ModuleReport): string {
  const told = wanted === 'default' ? 'default export' : `export "${wanted}"`;
  if (exports.some(({ name }) => name === wanted)) return `the file's ${told} is not a function`;
  const functions = exports.filter(({ isFunction }) => isFunction).map(({ name }) => name);
  const there = functions.length === 0 ? 'it exports no function' : `it exports the functions ${functions.join(', ')}`;
  return `the file has no ${told}; ${there}`;
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
