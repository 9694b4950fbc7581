import { readdirSync, readFileSync } from 'node:fs';

/**
 * The resident memory, in MiB, of a process and of everything it started; null where the system does not tell (no
 * /proc).
 */
export function residentMiB(pid) {
  try {
    const children = childrenByParent();
    let total = 0;
    const open = [pid];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      total += privateBytes(next);
      open.push(...(children.get(next) ?? []));
    }
    return total / 1024 / 1024;
  } catch {
    return null;
  }
}

/** Proportional where the system tells it, so that memory shared by Postgres's processes counts once. */
function privateBytes(pid) {
  const rollup = readOrEmpty(`/proc/${pid}/smaps_rollup`);
  const pss = /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1];
  const rss = pss ?? /^VmRSS:\s+(\d+) kB/m.exec(readOrEmpty(`/proc/${pid}/status`))?.[1];
  return Number(rss ?? 0) * 1024;
}

function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function childrenByParent() {
  const children = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = readOrEmpty(`/proc/${entry}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  return children;
}
