import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HandlerRef } from '../../core/workflow/definition.js';
import type { Handler } from '../../core/handlers/node-kind.js';
import type { DefinedWorkflow } from '../../workflow/defined-workflow.js';
import { handlerMissing, importHandler } from '../../workflow/module-exports.js';
import { BUNDLE_FILE, shaOf } from './bundle-file.js';
import type { Bundle } from './bundle-handler.js';
import { syncFolder } from './sync-folder.js';

const LEFTOVER = /^[0-9a-f]{64}\.mjs\.\d+\.\d+\.tmp$/;

/**
 * Keeps handler bundles in `<data>/handlers/<sha256>.mjs` and gives the functions in them. Bundles are never changed,
 * and removed only when they are of no use to any run (see `BundleSweeper`). Each is imported once, as Node can forget
 * no module.
 */
export class HandlerStore {
  readonly #folder: string;
  readonly #resolved = new Map<string, Promise<Handler>>();
  /** What has been resolved, by the reference itself: a plan hands the same one to every run. */
  readonly #atHand = new WeakMap<HandlerRef, Handler>();
  /** By workflow, and by the node's path in it. */
  readonly #inline = new Map<string, ReadonlyMap<string, Handler>>();
  #temporaryFiles = 0;
  /** The newest sync of the folder that has begun, and the one that follows it. */
  #sync: Promise<void> = Promise.resolve();
  #nextSync: Promise<void> | null = null;

  constructor(params: { readonly dataDir: string }) {
    this.#folder = join(params.dataDir, 'handlers');
  }

  /** Writes a bundle unless it is there already, whole: a power cut or a full disk may have left less. */
  async save({ sha, code }: Bundle): Promise<void> {
    const file = this.fileOf(sha);
    if ((await readFile(file, 'utf8').catch(() => null)) === code) return;
    const made = await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    if (made !== undefined) await syncFolder(dirname(made));
    const temporary = `${file}.${process.pid}.${(this.#temporaryFiles += 1)}.tmp`;
    try {
      await writeFile(temporary, code, { mode: 0o600, flush: true });
      await rename(temporary, file);
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw thrown;
    }
    await this.#syncFolder();
  }

  /** One covers all that were renamed before it begins. */
  #syncFolder(): Promise<void> {
    const begin = (): Promise<void> => {
      this.#nextSync = null;
      return (this.#sync = syncFolder(this.#folder));
    };
    this.#nextSync ??= this.#sync.then(begin, begin);
    return this.#nextSync;
  }

  /** The SHA-256 of those that are there. */
  async list(): Promise<readonly string[]> {
    const names = await this.#names();
    return names.flatMap((name) => BUNDLE_FILE.exec(name)?.[1] ?? []);
  }

  /** It may be gone already. */
  async remove(sha: string): Promise<void> {
    await rm(this.fileOf(sha), { force: true });
  }

  /** Removes what writes that were cut off have left. Not while anything is saved. */
  async removeLeftovers(): Promise<void> {
    for (const name of await this.#names())
      if (LEFTOVER.test(name)) await rm(join(this.#folder, name), { force: true }).catch(() => undefined);
  }

  async #names(): Promise<readonly string[]> {
    return readdir(this.#folder).catch(() => []);
  }

  /** The functions that a workflow defined in this process holds; they replace those of its earlier definition. */
  registerInline(workflow: DefinedWorkflow): void {
    this.#inline.set(workflow.definition.id, new Map(Object.entries(workflow.functions)));
  }

  /**
   * At once when it is at hand. Rejects with a NodeFailure of kind `handler_missing`, not retryable, when there is no
   * such function.
   */
  resolve(ref: HandlerRef): Handler | Promise<Handler> {
    if (ref.kind === 'inline') return this.#resolveInline(ref);
    const handler = this.#atHand.get(ref);
    if (handler !== undefined) return handler;
    const key = [ref.bundle, ref.export, ref.nodeId ?? ''].join('\n');
    let resolving = this.#resolved.get(key);
    if (resolving === undefined) {
      resolving = this.#load(ref);
      this.#resolved.set(key, resolving);
    }
    resolving.then(
      (loaded) => this.#atHand.set(ref, loaded),
      () => this.#resolved.delete(key),
    );
    return resolving;
  }

  /**
   * Its file. Rejects with a NodeFailure of kind `handler_missing` for one that is gone, or is not what it was: a fault
   * of the disk, or of whoever writes there.
   */
  async verify(sha: string): Promise<string> {
    const file = this.fileOf(sha);
    const code = await readFile(file).catch(() => null);
    if (code === null) throw handlerMissing(`The code of this version is gone: there is no ${file}.`);
    if (shaOf(code) !== sha) throw handlerMissing(`The code of this version is damaged: ${file} is not what it was.`);
    return file;
  }

  /** Whether its code is here, and what it was. */
  async has(ref: HandlerRef): Promise<boolean> {
    if (ref.kind === 'inline') return this.#inline.get(ref.workflowId)?.has(ref.nodeId) === true;
    return this.verify(ref.bundle).then(
      () => true,
      () => false,
    );
  }

  fileOf(sha: string): string {
    return join(this.#folder, `${sha}.mjs`);
  }

  #resolveInline(ref: Extract<HandlerRef, { kind: 'inline' }>): Handler | Promise<Handler> {
    const handler = this.#inline.get(ref.workflowId)?.get(ref.nodeId);
    if (handler !== undefined) return handler;
    const what = `The function of node ${ref.nodeId} of workflow ${ref.workflowId} is not in this process`;
    return Promise.reject(handlerMissing(`${what}: it was handed over in code. Start with that workflow again.`));
  }

  async #load(ref: Extract<HandlerRef, { kind: 'bundle' }>): Promise<Handler> {
    return importHandler(await this.verify(ref.bundle), ref);
  }
}
