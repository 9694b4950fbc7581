// oxlint-disable unicorn/require-post-message-target-origin -- a thread's port, not a window's
// A thread that waits for the disk, so that the event loop need not. One request at a time, and one answer to each.
import { closeSync, fdatasyncSync, fsyncSync, openSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

/**
 * A connection that copies the write-ahead log into the database, and one whose snapshot keeps the log from being begun
 * again meanwhile.
 */
let connections = null;

const OPERATIONS = {
  sync({ fd, folder }) {
    fdatasyncSync(fd);
    if (folder !== null) syncFolder(folder);
    return null;
  },

  /** From here until `reset` nothing newer than this moment is copied, and the log is not started again. */
  async hold({ path }) {
    connections ??= await connect(path);
    letGo();
    connections.holder.exec('BEGIN');
    connections.read.get();
    connections.isHolding = true;
    return null;
  },

  copy() {
    return checkpoint(connections.passive);
  },

  copyRest() {
    letGo();
    return checkpoint(connections.restart);
  },

  /**
   * With all of it copied, the next commit begins the log again, over what stands there. This one is made with
   * `synchronous = FULL`, so that SQLite has the log's new head on disk before anything else; it changes nothing.
   */
  beginAnew() {
    connections.commit.run();
    return null;
  },

  release() {
    letGo();
    return null;
  },

  close() {
    for (const database of [connections?.holder, connections?.copier]) database?.close();
    connections = null;
    return null;
  },
};

async function connect(path) {
  const { DatabaseSync } = await loadBinding();
  const [copier, holder] = [new DatabaseSync(path), new DatabaseSync(path)];
  copier.exec('PRAGMA synchronous = FULL');
  copier.exec('PRAGMA busy_timeout = 2000');
  copier.exec('PRAGMA journal_size_limit = 67108864'); // 64 MiB
  const { user_version: version } = copier.prepare('PRAGMA user_version').get();
  return {
    copier,
    passive: copier.prepare('PRAGMA wal_checkpoint(PASSIVE)'),
    restart: copier.prepare('PRAGMA wal_checkpoint(RESTART)'),
    commit: copier.prepare(`PRAGMA user_version = ${version}`),
    holder,
    read: holder.prepare('SELECT count(*) FROM sqlite_schema'),
    isHolding: false,
  };
}

function letGo() {
  if (connections?.isHolding !== true) return;
  connections.holder.exec('ROLLBACK');
  connections.isHolding = false;
}

function checkpoint(statement) {
  const { busy, log, checkpointed } = statement.get();
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
