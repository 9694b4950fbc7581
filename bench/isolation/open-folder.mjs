// Errand with a folder of workflows, in this process: as `errand serve`, without HTTP.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assembleConfigured } from '../../dist/app/assembly/assemble-configured.js';
import { serveWorkflows } from '../../dist/app/assembly/serve-workflows.js';
import { loadConfig } from '../../dist/app/config/config.js';
import { createLogger } from '../../dist/app/process/logger.js';
import { systemPrincipal } from '../../dist/service/organizations/bootstrap.js';

export const HANDLERS = {
  'add-one.js': 'export default async ({ input }) => ({ n: input.n + 1 });\n',
  'compute.js': `export default ({ input }) => {
  let found = 0;
  for (let count = 0; count < input.rounds; count += 1) found = (found * 31 + count) % 1000003;
  return { found };
};\n`,
  'loop.js': 'export default () => { for (;;); };\n',
};

const node = (id, uses, rest = '') => `  - { id: ${id}, kind: code, uses: ./${uses}${rest} }`;
const header = (id, isolation) =>
  `id: ${id}\nname: ${id}\ndescription: For the benchmark of isolation.\n${isolation === null ? '' : `isolation: ${isolation}\n`}`;

/** As many trivial nodes, one after another. */
export function chain(id, isolation, count) {
  const nodes = Array.from({ length: count }, (_, index) =>
    node(
      `n${index}`,
      'add-one.js',
      index === 0
        ? ", with: { n: '{{ input.n }}' }"
        : `, needs: [n${index - 1}], with: { n: '{{ nodes.n${index - 1}.output.n }}' }`,
    ),
  );
  return `${header(id, isolation)}nodes:\n${nodes.join('\n')}\n`;
}

/** As many nodes that compute, side by side. */
export function computing(id, isolation, { count, rounds }) {
  const nodes = Array.from({ length: count }, (_, index) =>
    node(`n${index}`, 'compute.js', `, with: { rounds: ${rounds} }`),
  );
  return `${header(id, isolation)}nodes:\n${nodes.join('\n')}\n`;
}

export const looping = (id, isolation) =>
  `${header(id, isolation)}nodes:\n${node('only', 'loop.js', ", timeout: '5s'")}\n`;

/** A folder with these workflows, by their ids, and the handlers that they use. */
export function makeWorkflows(workflows) {
  const folder = mkdtempSync(join(tmpdir(), 'errand-bench-isolation-'));
  for (const [id, text] of Object.entries(workflows)) {
    const place = join(folder, 'workflows', id);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'workflow.yaml'), text);
    for (const [file, code] of Object.entries(HANDLERS)) writeFileSync(join(place, file), code);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Serves the folder in this process; `run` resolves with the ended run. */
export async function openFolder({ folder, env = {} }) {
  const config = loadConfig({
    env: {
      ERRAND_DATA: join(folder, 'data'),
      ERRAND_WORKFLOWS: join(folder, 'workflows'),
      ERRAND_LOG_LEVEL: 'error',
      ERRAND_BOOTSTRAP_CREDITS: '1000000000',
      ERRAND_MAX_ACTIVE_RUNS: '1000',
      ...env,
    },
  });
  const assembly = await assembleConfigured(config, createLogger(config));
  const cleanUps = [];
  const faults = (await serveWorkflows(config, assembly, cleanUps)).readFaults();
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  await assembly.start();
  const caller = systemPrincipal(assembly.defaultOrganizationId);
  const { services } = assembly;
  return {
    run: async (workflowId, input = {}) => {
      const { run } = await services.runWorkflow(caller, { workflowId, input });
      for (;;) {
        const seen = await services.waitForRun(caller, { runId: run.id, timeoutMs: 50_000 });
        if (seen.status === 'completed') return seen;
        if (seen.status !== 'running' && seen.status !== 'pending')
          throw new Error(`${workflowId} is ${seen.status}: ${JSON.stringify(seen.error)}`);
      }
    },
    close: async () => {
      for (const step of cleanUps) await step();
      await assembly.close({ graceMs: 0 });
    },
  };
}
