import { expect, it } from 'vitest';
import { loadConfig } from './config/config.js';
import type { RunningServer } from './running-server.js';
import { welcomeText } from './welcome.js';

const SERVER: RunningServer = {
  url: 'http://127.0.0.1:8787',
  metricsUrl: null,
  firstKey: null,
  workflowIds: ['draft', 'enrich_contact'],
  notReady: new Map([['draft', 'There is no default model.']]),
  faults: [],
  close: () => Promise.resolve(),
};

it('a start says which workflows can be run, and who tells what the others need', () => {
  const lines = welcomeText({ server: SERVER, config: loadConfig({ env: {} }) }).split('\n');
  expect(lines.find((line) => line.includes('workflows    '))).not.toContain('draft');
  expect(lines.find((line) => line.includes('not ready'))).toMatch(/ draft: .*errand models/);
});

it('a start says nothing of what is not there', () => {
  const server = { ...SERVER, notReady: new Map<string, string>() };
  expect(welcomeText({ server, config: loadConfig({ env: {} }) })).not.toContain('not ready');
});
