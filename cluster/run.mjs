// `npm run cluster`: Postgres, three nodes of Restate and three Errand processes on this machine, for trying.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { watchHealth } from './lib/balancer.mjs';
import { installPrograms, startCluster } from './lib/start-cluster.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    workflows: { type: 'string', default: join(root, 'workflows') },
    port: { type: 'string', default: '8787' },
    processes: { type: 'string', default: '3' },
    'restate-nodes': { type: 'string', default: '3' },
  },
});
const key = `sk_live_${randomBytes(24).toString('base64url').replaceAll(/[-_]/g, 'x')}`;
const folder = mkdtempSync(join(tmpdir(), 'errand-cluster-'));
const asked = new Promise((stop) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);
});

const told = new Set();

await installPrograms();
process.stderr.write('Starting Postgres, Restate and Errand …\n');
let cluster = null;
try {
  cluster = await startCluster({
    folder,
    workflows: resolve(values.workflows),
    key,
    processes: Number(values.processes),
    restateNodes: Number(values['restate-nodes']),
    port: Number(values.port),
  });
  const unwatch = watchHealth(cluster.members, ({ port, callPort }) => [
    { balancer: cluster.clients, port },
    { balancer: cluster.calls, port: callPort },
  ]);
  const tellEnds = setInterval(() => cluster.members.forEach(tellEnd), 500);
  process.stdout.write(welcome(cluster));
  await asked;
  clearInterval(tellEnds);
  unwatch();
} catch (error) {
  process.stderr.write(`The cluster did not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  process.stderr.write('\nStopping, and removing what was kept …\n');
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

/** Once. */
function tellEnd(member) {
  if (member.ended === null || told.has(member)) return;
  told.add(member);
  const said = member.said.trim();
  process.stderr.write(
    `\nThe process at ${member.url} has ended (${member.ended})${said === '' ? '.' : `:\n${said}`}\n`,
  );
}

function welcome({ url, members, restate, postgres }) {
  return `
Errand serves on ${url}

  processes    ${members.map((member) => `${member.url} (${member.pid})`).join(', ')}
  Restate      ${restate.map((node) => `${node.adminUrl} (${node.pid})`).join(', ')}
  Postgres     ${postgres.url} (${postgres.pid}) in ${folder}

Start a run, and end a process while it works (kill -9, or kill -STOP and later -CONT):

  export ERRAND_URL=${url} ERRAND_API_KEY=${key}
  npx errand workflows
  npx errand runs
  kill -9 ${members[0]?.pid}

Ctrl-C stops all of it; nothing is kept.
`;
}
