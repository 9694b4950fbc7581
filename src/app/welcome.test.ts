import { expect, it } from 'vitest';
import { loadConfig } from './config/config.js';
import type { RunningServer } from './running-server.js';
import { welcomeText } from './welcome.js';

const SERVER: RunningServer = {
  url: 'http://127.0.0.1:8787',
  metricsUrl: null,
  firstKey: null,
  console: { signInToken: 'a-token' },
  workflowIds: ['draft', 'enrich_contact'],
  notReady: new Map([['draft', 'There is no default model.']]),
  faults: [],
  close: () => Promise.resolve(),
};

it('a start says which workflows can be run, and who tells what the others need', () => {
  const lines = welcomeText({ server: SERVER, config: loadConfig({ env: {} }), isTerminal: false }).split('\n');
  expect(lines.find((line) => line.includes('workflows    '))).not.toContain('draft');
  expect(lines.find((line) => line.includes('not ready'))).toMatch(/ draft: .*errand models/);
});

it('a start says nothing of what is not there', () => {
  const server = { ...SERVER, notReady: new Map<string, string>() };
  expect(welcomeText({ server, config: loadConfig({ env: {} }), isTerminal: false })).not.toContain('not ready');
});

it('a start gives a link that signs in to whoever reads it as it comes, and to whoever gets the first key', () => {
  const config = loadConfig({ env: {} });
  const link = 'http://127.0.0.1:8787/console/sign-in#a-token';
  expect(welcomeText({ server: SERVER, config, isTerminal: true })).toContain(link);
  expect(welcomeText({ server: { ...SERVER, firstKey: 'sk_live_x' }, config, isTerminal: false })).toContain(link);
  expect(welcomeText({ server: SERVER, config, isTerminal: false })).not.toContain('a-token');
  expect(welcomeText({ server: { ...SERVER, console: null }, config, isTerminal: true })).not.toContain('console');
});

it('a first start offers the example where there is one, and otherwise what can be done without it', () => {
  const config = loadConfig({ env: {} });
  const textOf = (workflowIds: readonly string[]): string =>
    welcomeText({ server: { ...SERVER, firstKey: 'sk_live_x', workflowIds }, config, isTerminal: false });
  expect(textOf(['enrich_contact'])).toMatch(/curl [^]*"run_workflow"[^]*errand run enrich_contact --input/);
  expect(textOf(['mine'])).toMatch(/curl [^]*"list_workflows"[^]*errand workflows$/m);
  for (const ids of [['mine'], []]) expect(textOf(ids)).not.toContain('enrich_contact');
  expect(textOf(['mine'])).not.toContain('errand init');
  expect(textOf([])).toContain('npx errand init my-workflows');
});
