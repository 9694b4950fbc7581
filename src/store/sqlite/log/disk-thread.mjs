// oxlint-disable unicorn/require-post-message-target-origin -- a thread's port, not a window's
// A thread that waits for the disk, so that the event loop need not. One request at a time, and one answer to each.
import { closeSync, fdatasyncSync, fsyncSync, openSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

/** The connection that copies the write-ahead log into the database, and one whose snapshot keeps the log from being begun anew meanwhile. */
let copier = null;
let holder = null;

const OPERATIONS = {
  sync({ fd, folder }) {
    fdatasyncSync(fd);
    if (folder !== null) syncFolder(folder);
    return null;
  },

  /** From here until `reset` nothing newer than this moment is copied, and the log is not begun anew. */
  async hold({ path }) {
    if (copier === null) {
      const { DatabaseSync } = await loadBinding();
      copier = new DatabaseSync(path);
      copier.exec('PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000');
      holder = new DatabaseSync(path);
    } else {
      holder.exec('ROLLBACK');
    }
    holder.exec('BEGIN');
    holder.prepare('SELECT count(*) FROM sqlite_schema').get();
    return null;
  },

  copy() {
    return checkpoint('PASSIVE');
  },

  reset() {
    holder.exec('ROLLBACK');
    return checkpoint('TRUNCATE');
  },

  release() {
    for (const database of [holder, copier]) database?.close();
    copier = null;
    holder = null;
    return null;
  },
};

function checkpoint(mode) {
  const { busy, log, checkpointed } = copier.prepare(`PRAGMA wal_checkpoint(${mode})`).get();
  return { isBusy: busy !== 0, frames: log, copied: checkpointed };
}

function syncFolder(folder) {
  let fd;
  try {
    fd = openSync(folder, 'r');
  } catch {
    // Not every system opens folders.
    return;
  }
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

async function loadBinding() {
  // See binding.ts.
  process.emitWarning = () => undefined;
  return process.getBuiltinModule('node:sqlite') ?? (await import('@photostructure/sqlite'));
}

async function answer(request) {
  try {
    return { ok: true, value: await OPERATIONS[request.kind](request) };
  } catch (error) {
    const { message, code, errcode } = error;
    return { ok: false, message, code, errcode };
  }
}

parentPort.on('message', (request) => {
  void answer(request).then((made) => parentPort.postMessage(made));
});
