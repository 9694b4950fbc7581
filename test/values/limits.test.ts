import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../src/app/config/config.js';
import { PAYLOAD_LIMITS } from '../../src/core/text/payload-limits.js';
import { createErrand, type Errand } from '../../src/app/create-errand.js';
import { welcomeText } from '../../src/app/welcome.js';
import { defineWorkflow } from '../../src/workflow/define-workflow.js';

const half = 'x'.repeat(PAYLOAD_LIMITS.output / 2);
const workflows = [
  defineWorkflow({
    id: 'echo',
    name: 'Echo',
    description: 'Gives back its input.',
    credits: 1,
    nodes: [{ id: 'a', kind: 'transform', with: '{{ input }}' }],
  }),
  defineWorkflow({
    id: 'double',
    name: 'Double',
    description: 'Two large outputs make one that is too large.',
    nodes: [
      { id: 'a', kind: 'code', run: () => half },
      { id: 'b', kind: 'code', run: () => half },
    ],
    result: ['{{ nodes.a.output }}', '{{ nodes.b.output }}'],
  }),
  defineWorkflow({
    id: 'calls',
    name: 'Calls',
    description: 'Starts a run with an input that is too large.',
    nodes: [
      { id: 'a', kind: 'code', run: () => half },
      { id: 'b', kind: 'workflow', needs: ['a'], workflow: 'echo', with: { text: '{{ nodes.a.output }}' } },
    ],
  }),
];

let errand: Errand;
beforeEach(async () => {
  errand = await createErrand({ workflows });
});
afterEach(() => errand.close({ graceMs: 0 }));

it('an input that is too large is refused, and leaves nothing behind', async () => {
  const input = { text: 'x'.repeat(PAYLOAD_LIMITS.input) };
  await expect(errand.runWorkflow('echo', input)).rejects.toMatchObject({ code: 'payload_too_large' });
  expect((await errand.listRuns()).total).toBe(0);
  expect(await errand.getCredits()).toMatchObject({ reserved: 0 });
});

it('a result that is too large fails the run', async () => {
  const { id } = await errand.runWorkflow('double');
  expect(await errand.waitForRun(id)).toMatchObject({ status: 'failed', error: { kind: 'output_too_large' } });
});

it('an input that is too large for the run that a node starts fails the node', async () => {
  const { id } = await errand.runWorkflow('calls');
  expect(await errand.waitForRun(id)).toMatchObject({
    status: 'failed',
    error: { kind: 'payload_too_large', nodeId: 'b' },
  });
});

it('relaxed durability is a setting that the start states', () => {
  const server = {
    url: 'http://127.0.0.1:1',
    metricsUrl: null,
    firstKey: null,
    console: null,
    workflowIds: [],
    notReady: new Map<string, string>(),
    faults: [],
    close: async () => undefined,
  };
  const config = loadConfig({ env: { ERRAND_DURABILITY: 'relaxed' } });
  expect(welcomeText({ server, config, isTerminal: false })).toContain('a power cut may take back the last moments');
  expect(welcomeText({ server, config: loadConfig({ env: {} }), isTerminal: false })).not.toContain('power cut');
  expect(loadConfig({ env: {}, flags: { durability: 'full' } }).durability).toBe('full');
  expect(() => loadConfig({ env: { ERRAND_DURABILITY: 'none' } })).toThrow(/must be full or relaxed/);
});
