import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PublishedCode, PublishedCodeRule } from '../../core/handlers/published-code.js';
import type { Clock } from '../../core/ports/clock.js';
import type { PublicationStore } from '../../core/ports/store/workflows/publication-store.js';
import type { HandlerRef } from '../../core/workflow/definition.js';
import { handlerMissing } from '../../workflow/module-exports.js';
import { placeBundle } from '../bundles/bundle-handler.js';
import { HandlerStore } from '../bundles/handler-store.js';

export interface StoredCodeParams {
  readonly rule: PublishedCodeRule;
  readonly publications: Pick<PublicationStore, 'getBundle'>;
  readonly dataDir: string;
  /** Packages are looked for in `node_modules` here and above. */
  readonly packagesFrom: string;
  readonly clock: Clock;
}

/** What came of putting a bundle onto this machine. */
type Placed =
  | { readonly status: 'ok'; readonly sha: string }
  | { readonly status: 'lacking'; readonly reason: string; readonly at: number };

const NOT_ALLOWED =
  'Its functions come from the store, which this server does not allow: set ERRAND_PUBLISHED_CODE to allow it';
/** A package may have been installed since. */
const LOOK_AGAIN_MS = 5_000;

/**
 * Takes published code out of the store, names its packages by the files that they are on this machine, and keeps it in
 * `<data>/published/handlers`. All of that can be made again, and is at each start.
 */
export class StoredCode implements PublishedCode {
  readonly rule: PublishedCodeRule;
  readonly #params: StoredCodeParams;
  readonly #folder: string;
  readonly #files: HandlerStore;
  readonly #placed = new Map<string, Promise<Placed>>();
  #cleared: Promise<void> | null = null;

  constructor(params: StoredCodeParams) {
    this.rule = params.rule;
    this.#params = params;
    this.#folder = join(params.dataDir, 'published');
    this.#files = new HandlerStore({ dataDir: this.#folder });
  }

  async explain(refs: readonly HandlerRef[]): Promise<string | null> {
    const reasons = new Set<string>();
    const shas = new Set<string>();
    for (const ref of refs) {
      if (ref.kind !== 'bundle' || ref.published === undefined) continue;
      if (this.#isAllowed(ref.published)) shas.add(ref.bundle);
      else reasons.add(NOT_ALLOWED);
    }
    for (const sha of shas) {
      const placed = await this.#place(sha);
      if (placed.status === 'lacking') reasons.add(placed.reason);
    }
    return reasons.size === 0 ? null : [...reasons].join('. ');
  }

  async locate(sha: string): Promise<string> {
    if (this.rule === 'off') throw handlerMissing(`${NOT_ALLOWED}.`);
    const placed = await this.#place(sha);
    if (placed.status === 'lacking') throw handlerMissing(`${placed.reason}.`);
    const file = await this.#files.verify(placed.sha).catch(() => null);
    if (file !== null) return file;
    // Somebody has tidied the folder.
    this.#placed.delete(sha);
    const again = await this.#place(sha);
    if (again.status === 'lacking') throw handlerMissing(`${again.reason}.`);
    return this.#files.verify(again.sha);
  }

  #isAllowed(by: 'operator' | 'organization'): boolean {
    return this.rule === 'organizations' || (this.rule === 'operators' && by === 'operator');
  }

  async #place(sha: string): Promise<Placed> {
    const known = await this.#placed.get(sha);
    const isOld = known?.status === 'lacking' && this.#params.clock.now() - known.at >= LOOK_AGAIN_MS;
    if (known !== undefined && !isOld) return known;
    const placing = this.#placeAnew(sha);
    this.#placed.set(sha, placing);
    // What could not be read now is read the next time.
    placing.catch(() => this.#placed.delete(sha));
    return placing;
  }

  async #placeAnew(sha: string): Promise<Placed> {
    const { publications, packagesFrom: folder, clock } = this.#params;
    this.#cleared ??= rm(this.#folder, { recursive: true, force: true });
    await this.#cleared;
    const lacking = (reason: string): Placed => ({ status: 'lacking', reason, at: clock.now() });
    const kept = await publications.getBundle({ sha });
    if (kept === null) return lacking('Its functions are not in the store any more: publish them again');
    const result = await placeBundle({ code: kept.code, folder });
    if (result.status === 'faulty') return lacking(explainFaults(result.faults, folder));
    await this.#files.save(result.bundle);
    return { status: 'ok', sha: result.bundle.sha };
  }
}

function explainFaults(faults: readonly { readonly message: string }[], folder: string): string {
  const packages = faults.flatMap(({ message }) => /^Could not resolve "([^"]+)"/.exec(message)?.[1] ?? []);
  if (packages.length === faults.length)
    return `This process lacks packages that its functions import: install ${[...new Set(packages)].join(', ')} in ${folder}`;
  return `Its functions cannot be loaded here: ${faults.map(({ message }) => message).join('; ')}`;
}
