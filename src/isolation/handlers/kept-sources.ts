import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sealText, unsealText } from '../../core/sealed-text.js';
import { KnownSources, type Known } from './pool/known-sources.js';

interface KeptFile {
  readonly format: typeof FORMAT;
  /** By `Task.source`, with the moment at which each did so last, in epoch milliseconds. */
  readonly rough: readonly (readonly [string, number])[];
  readonly proven: readonly (readonly [string, number])[];
}

const FORMAT = 1;
/** Of each kind the newest. A source is named in some 200 characters. */
const MAX_KEPT = 1_000;
/** A longer file is nobody's. */
const MAX_LENGTH = 4_000_000;
/** What has ended well within so long is not new to a server that starts. */
const PROVEN_FOR_MS = 86_400_000;
/** What has done harm may end the server next. */
const KEEP_ROUGH_WITHIN_MS = 50;
const KEEP_PROVEN_WITHIN_MS = 1_000;

/**
 * What is known of where calls come from, over the ends of the server: `<data>/handlers/sources.json`. Without it nothing
 * would be known in the first seconds of each start, and calls would share workers with those that do harm. The file
 * begins with the SHA-256 of the rest: one that is torn counts as none. A source names the bundle of its code by what
 * is in that: changed code is new.
 */
export class KeptSources implements Known {
  readonly rough = new KnownSources(() => this.#keepWithin(KEEP_ROUGH_WITHIN_MS));
  readonly proven = new KnownSources(() => this.#keepWithin(KEEP_PROVEN_WITHIN_MS));
  readonly #path: string | null;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | null = null;
  #dueAt = 0;
  #writing: Promise<void> | null = null;
  #isClosed = false;

  /** `dataDir` null: nothing is kept. `now`: epoch milliseconds. */
  constructor({ dataDir, now }: { readonly dataDir: string | null; readonly now: () => number }) {
    this.#path = dataDir === null ? null : join(dataDir, 'handlers', 'sources.json');
    this.#now = now;
    if (this.#path !== null) this.#restore(readIfThere(this.#path));
  }

  /** Keeps what is not kept yet. */
  close(): void {
    if (this.#path === null || (this.#timer === null && this.#writing === null)) return;
    this.#disarm();
    this.#isClosed = true;
    // A name of its own: another write may be under way.
    const temporary = `${this.#path}.last.tmp`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, this.#text(), { mode: 0o600 });
      renameSync(temporary, this.#path);
    } catch {
      rmSync(temporary, { force: true });
    }
  }

  #restore(text: string): void {
    const kept = parse(text);
    if (kept === null) return;
    const now = this.#now();
    for (const [source, at] of kept.rough) this.rough.restore(source, now - at);
    for (const [source, at] of kept.proven) if (now - at < PROVEN_FOR_MS) this.proven.restore(source, 0);
  }

  #keepWithin(ms: number): void {
    if (this.#path === null || this.#isClosed) return;
    const dueAt = performance.now() + ms;
    if (this.#timer !== null && this.#dueAt <= dueAt) return;
    this.#disarm();
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => this.#keep(), ms).unref();
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** One write after the other. */
  #keep(): void {
    this.#timer = null;
    if (this.#writing !== null) return this.#keepWithin(KEEP_PROVEN_WITHIN_MS);
    this.#writing = this.#write().finally(() => (this.#writing = null));
  }

  /** Not synced: it is of use after the end of this process, which the memory of the system outlives. */
  async #write(): Promise<void> {
    if (this.#path === null) return;
    const temporary = `${this.#path}.tmp`;
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      await writeFile(temporary, this.#text(), { mode: 0o600 });
      if (!this.#isClosed) await rename(temporary, this.#path);
    } catch {
      // A full disk and the like: the next start knows less.
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  #text(): string {
    const content = JSON.stringify({
      format: FORMAT,
      rough: this.#listed(this.rough),
      proven: this.#listed(this.proven),
    } satisfies KeptFile);
    return sealText(content);
  }

  #listed(sources: KnownSources): KeptFile['rough'] {
    const now = this.#now();
    return sources.list(MAX_KEPT).map(([source, forMs]) => [source, Math.round(now - forMs)]);
  }
}

/** Null where it is of no use. */
function parse(text: string): KeptFile | null {
  const content = text.length > MAX_LENGTH ? null : unsealText(text);
  if (content === null) return null;
  const kept = JSON.parse(content) as KeptFile;
  return kept.format === FORMAT ? kept : null;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
