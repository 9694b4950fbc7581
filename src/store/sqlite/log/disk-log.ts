import { fdatasyncSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrandError } from '../../../core/errors.js';
import { storageFailure, type SqliteConnection } from '../connection/connection.js';
import { copyLog, type LogState } from './copy-log.js';
import { DiskSyncs } from './disk-syncs.js';
import { DiskError } from './disk-error.js';
import { DiskThread } from './disk-thread.js';
import { SyncPace } from './sync-pace.js';
import { WalFile } from './wal-file.js';
import { WalIndex } from './wal-index.js';

/** From this size on the write-ahead log is copied into the database. Pages: 32 MiB. */
const COPIED_FROM = 4_000;
/** Beyond this size commits wait until it has been copied. Pages: 256 MiB. */
const MAX_LOG = 32_000;
/** Bytes of the log before its first page, and before each. */
const LOG_HEAD = 32;
const FRAME_HEAD = 24;
/** After so long it is tried again to begin the log again, where a reader of another program was in the way. */
const RETRY_MS = 1_000;

interface Waiter {
  readonly batch: number;
  /** Is told of a failure at once: what comes of it waits for this one. */
  readonly isOwn: boolean;
  readonly resolve: () => void;
  readonly reject: (error: ErrandError) => void;
}

export interface DiskLogParams {
  readonly db: SqliteConnection;
  readonly path: string;
  /** Whether what is committed counts only once it is on disk. */
  readonly isSynced: boolean;
  /** All up to this batch is on disk. */
  readonly onDurable: (batch: number) => void;
  /** All that was not on disk is gone from the file: what was read of it may never have been. */
  readonly onRewound: () => void;
  /** Whether a batch is open on the connection just now. */
  readonly isBatchOpen: () => boolean;
}

/**
 * The write-ahead log of a database whose commits do not wait for the disk: threads do. Where the disk has proved to be
 * fast and one small commit follows another, the event loop syncs: to have a thread do it then takes longer.
 *
 * SQLite commits with `synchronous = OFF`, which is a write into the log and no sync. Invariants:
 * 1. A batch is durable when a sync of the log has ended that began after the batch's commit.
 * 2. Nothing is copied from the log into the database before it is durable by such a sync, and the log is started again
 *    only when all of it was copied, both files were synced and no batch is open. It then begins with a commit by
 *    `synchronous = FULL`: SQLite syncs the new head of the log, which makes what stands behind it invalid, and only then
 *    writes on. So what a power cut leaves of the log is a valid beginning of it, or nothing. Its file keeps its size:
 *    a sync of blocks that a file has already costs half of one that makes it longer.
 * 3. A failed sync says nothing of what it covered. The log is then cut back to what is durable, SQLite reads it again,
 *    and all that was not durable is refused; nothing is committed before a sync of the log has succeeded.
 * 4. Where another program's reader keeps the log from being begun anew at that moment, SQLite might begin it anew by
 *    itself, which is safe with `synchronous = FULL` alone: commits then wait for the disk, as SQLite has it, until the
 *    log could be started again.
 */
export class DiskLog {
  readonly #params: DiskLogParams;
  readonly #syncing = new DiskSyncs((error) => this.#fail(error));
  readonly #copier = new DiskThread();
  readonly #pace = new SyncPace();
  /** Null until SQLite has made them. */
  #files: { readonly wal: WalFile; readonly index: WalIndex; readonly frameBytes: number } | null = null;
  /** How many batches are in the log, and how many of them are durable. */
  #written = 0;
  #durable = 0;
  /** How many pages the log had after the newest commit. */
  #writtenFrames = 0;
  /** How many pages the log had when the newest sync began that has ended. */
  #durableFrames = 0;
  #waiters: Waiter[] = [];
  #syncs = new Set<Promise<void>>();
  #failure: ErrandError | null = null;
  #isRewound = false;
  #recovering: Promise<void> | null = null;
  #copying: Promise<void> | null = null;
  /** Whether all of the log is in the database, and it is about to be started again. */
  #isCopied = false;
  /** Closed while the log is started again. */
  #gate: Promise<void> | null = null;
  #copyFrom = COPIED_FROM;
  /** See invariant 4. */
  #isDirect = true;
  #retry: NodeJS.Timeout | null = null;
  /** From here on the files' handles may be another's. */
  #isEnded = false;

  constructor(params: DiskLogParams) {
    this.#params = params;
    try {
      this.#begin();
    } catch (error) {
      this.#failure = this.#toFailure(error);
    }
  }

  /** The newest batch that is durable. */
  get durableBatch(): number {
    return this.#durable;
  }

  /** The batch that the next commit makes. */
  get nextBatch(): number {
    return this.#written + 1;
  }

  /** What to wait for before a batch is begun; null: nothing. Rejects while the disk cannot be written. */
  ready(): Promise<void> | null {
    if (this.#failure !== null) return this.#recover();
    if (this.#gate !== null) return this.#gate;
    if (this.#copying !== null && this.#copyFrom === COPIED_FROM && this.#frames > MAX_LOG) return this.#copying;
    if (this.#isDirect || !this.#params.isSynced) return null;
    const waitMs = this.#pace.waitMs(performance.now());
    if (waitMs === 0) return null;
    return waitMs === null ? Promise.race(this.#syncs) : sleep(waitMs);
  }

  /** For right after a commit of so many works that changed something: the number of its batch. */
  written(works: number): number {
    this.#written += 1;
    const frames = this.#frames;
    this.#pace.noteCommit(works, frames - this.#writtenFrames);
    this.#writtenFrames = frames;
    if (this.#isDirect || !this.#params.isSynced) this.#durable = this.#written;
    else this.#startSync(frames);
    if (frames >= this.#copyFrom) this.#copyUnlessCopying();
    return this.#written;
  }

  /** Resolves when all that is committed is durable, and rejects when it is refused; null: it is. */
  durable(isOwn = false): Promise<void> | null {
    if (this.#durable >= this.#written) return null;
    const batch = this.#written;
    return new Promise((resolve, reject) => this.#waiters.push({ batch, isOwn, resolve, reject }));
  }

  /**
   * For when nothing is committed any more. What is committed through the connection from here on waits for the disk.
   */
  async end(): Promise<void> {
    await this.#copying;
    await this.#recovering?.catch(() => undefined);
    this.#isEnded = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await Promise.all([this.#syncing.end(), this.#copier.end()]);
    try {
      this.#params.db.exec('PRAGMA synchronous = FULL');
      this.#files?.wal.close();
    } catch {
      // The next start makes durable what is there.
    }
  }

  /** For when the connection is closed. */
  close(): void {
    this.#files?.index.close();
  }

  get #frames(): number {
    return this.#files?.index.frames ?? 0;
  }

  get #fd(): number {
    return this.#files?.wal.fd ?? -1;
  }

  #open() {
    const { db, path } = this.#params;
    const { page_size: pageSize } = db.get('PRAGMA page_size') as { page_size: number };
    this.#files ??= { wal: new WalFile(path), index: new WalIndex(path), frameBytes: FRAME_HEAD + pageSize };
    return this.#files;
  }

  /**
   * What an earlier process has left in the log may never have reached the disk. It is made durable, and the log begun
   * again.
   */
  #begin(): void {
    const { db } = this.#params;
    db.exec('PRAGMA wal_autocheckpoint = 0');
    db.exec('PRAGMA synchronous = FULL');
    const { wal } = this.#open();
    const { busy } = db.get('PRAGMA wal_checkpoint(TRUNCATE)') as { busy: number };
    wal.sync();
    if (busy === 0) this.#setDirect(false);
    else this.#retryCopy();
  }

  /** For when all that is in the log is durable. */
  #setDirect(isDirect: boolean): void {
    this.#params.db.exec(`PRAGMA synchronous = ${isDirect ? 'FULL' : 'OFF'}`);
    this.#isDirect = isDirect;
    this.#durableFrames = this.#frames;
  }

  #startSync(frames: number): void {
    const batch = this.#written;
    const began = performance.now();
    const isHere = this.#pace.begin(began);
    const end = (error: unknown, diskMs?: number): void => {
      const tookMs = performance.now() - began;
      this.#pace.end({ tookMs, diskMs: diskMs ?? tookMs, isHere });
      if (error !== null) this.#fail(error);
      else if (this.#failure === null) this.#makeDurable(batch, frames);
    };
    if (isHere) return end(trySync(this.#fd));
    const sync = this.#syncing
      .sync(this.#fd)
      .finally(() => this.#syncs.delete(sync))
      .then((diskMs) => end(null, diskMs), end);
    this.#syncs.add(sync);
  }

  #makeDurable(batch: number, frames: number): void {
    if (batch <= this.#durable) return;
    this.#durable = batch;
    this.#durableFrames = frames;
    this.#params.onDurable(batch);
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      if (waiter.batch <= batch) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }

  #fail(cause: unknown): void {
    if (this.#failure !== null || this.#isEnded) return;
    this.#failure = this.#toFailure(cause);
    this.#refuseWaiters(({ isOwn }) => isOwn);
    this.#recover().catch(() => undefined);
  }

  #toFailure(error: unknown): ErrandError {
    const isFull = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
    const errcode = error instanceof DiskError ? error.errcode : undefined;
    return storageFailure({ path: this.#params.path, code: errcode ?? (isFull ? 13 : 10), cause: error });
  }

  #recover(): Promise<void> {
    this.#recovering ??= this.#tryToRecover().finally(() => (this.#recovering = null));
    return this.#recovering;
  }

  async #tryToRecover(): Promise<void> {
    await Promise.all(this.#syncs);
    await this.#copying;
    await this.#noBatch();
    try {
      if (!this.#isRewound) this.#rewind();
      const { fd, folder } = this.#open().wal;
      await this.#copier.ask('sync', { fd, folder });
      this.#setDirect(false);
    } catch (error) {
      this.#failure = this.#toFailure(error);
      throw this.#failure;
    } finally {
      this.#refuseWaiters(() => true);
    }
    this.#failure = null;
    this.#isRewound = false;
  }

  /** Cuts the log back to what is durable, and has SQLite forget the rest. */
  #rewind(): void {
    const { db, onRewound } = this.#params;
    const { wal, index, frameBytes } = this.#open();
    if (this.#isCopied) wal.cut(0);
    else if (this.#durable < this.#written) wal.cut(LOG_HEAD + this.#durableFrames * frameBytes);
    this.#isCopied = false;
    index.invalidate();
    db.exec('SELECT count(*) FROM sqlite_schema');
    this.#setDirect(true);
    this.#durable = this.#written;
    this.#copyFrom = COPIED_FROM;
    onRewound();
    this.#isRewound = true;
  }

  #refuseWaiters(isRefused: (waiter: Waiter) => boolean): void {
    const failure = this.#failure;
    if (failure === null) return;
    const waiters = this.#waiters;
    this.#waiters = waiters.filter((waiter) => !isRefused(waiter));
    for (const waiter of waiters) if (isRefused(waiter)) waiter.reject(failure);
  }

  #copyUnlessCopying(): void {
    if (this.#copying === null && this.#failure === null) this.#startCopy();
  }

  #startCopy(): void {
    this.#copying = this.#copy().finally(() => (this.#copying = null));
  }

  async #copy(): Promise<void> {
    let open: () => void = () => undefined;
    try {
      const outcome = await copyLog({
        thread: this.#copier,
        path: this.#params.path,
        log: this.#state((by) => (open = by)),
      });
      this.#isCopied = false;
      if (outcome === 'begun anew') {
        this.#durableFrames = this.#frames;
        this.#copyFrom = COPIED_FROM;
        if (this.#isDirect) this.#setDirect(false);
      } else {
        if (outcome === 'in the way') this.#setDirect(true);
        this.#copyFrom = this.#frames + COPIED_FROM;
        if (this.#isDirect) this.#retryCopy();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#gate = null;
      open();
    }
  }

  #state(opensWith: (open: () => void) => void): LogState {
    return {
      isDirect: this.#isDirect,
      frames: () => this.#frames,
      durable: () => this.#assertDurable(),
      closeGate: async () => {
        this.#gate = new Promise((resolve) => opensWith(resolve));
        await this.#noBatch();
        await this.#assertDurable();
      },
      noteCopied: () => (this.#isCopied = true),
    };
  }

  /** A batch that found nothing to wait for begins within this turn. */
  async #noBatch(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#params.isBatchOpen());
  }

  /** Never waits when a sync has failed: recovery waits for what asks. */
  async #assertDurable(): Promise<void> {
    if (this.#failure === null) await this.durable(true);
    if (this.#failure !== null) throw this.#failure;
  }

  #retryCopy(): void {
    this.#retry = setTimeout(() => {
      this.#copyUnlessCopying();
    }, RETRY_MS).unref();
  }
}

/** What failed; null: nothing. */
function trySync(fd: number): unknown {
  try {
    fdatasyncSync(fd);
    return null;
  } catch (error) {
    return error;
  }
}
