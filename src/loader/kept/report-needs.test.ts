import { describe, expect, it } from 'vitest';
import type { ModuleReport } from '../../core/handlers/module-report.js';
import { findNeeds } from './report-needs.js';

const HANDLERS: ModuleReport = { exports: [{ name: 'default', isFunction: true, workflow: null }], workflows: [] };
const WORKFLOWS = { exports: [], workflows: [{ definition: {}, functions: [] }] } as unknown as ModuleReport;

const needsOf = (code: string, report = HANDLERS, imports: readonly string[] = []): readonly string[] | null =>
  findNeeds({ code, report, imports });

describe('what the report of handlers hangs on', () => {
  it('is the variables that they name', () => {
    expect(needsOf('process.env.B; process.env["A"]; process.env.B; process.cpuUsage()')).toEqual(['A', 'B']);
    expect(needsOf('export default () => new Date();')).toEqual([]);
  });

  it.each([
    'const { A } = process.env',
    'process.env[name]',
    'f(process)',
    "import p from 'node:process'",
    'x = process;',
  ])('cannot be told where they read the environment otherwise: %s', (code) => expect(needsOf(code)).toBeNull());
});

describe('what the definitions of workflows hang on', () => {
  it('is nothing where they are made of their own text, and of Errand', () => {
    expect(needsOf('defineWorkflow({ name: "processes dates" })', WORKFLOWS, ['errand', 'zod'])).toEqual([]);
  });

  it.each(['process.env.A', 'new Date()', 'Math.random()', 'await import(x)', 'readFileSync(import.meta.url)'])(
    'cannot be told where they ask for more: %s',
    (code) => expect(needsOf(code, WORKFLOWS)).toBeNull(),
  );

  it('cannot be told where they import packages, or parts of Node', () => {
    expect(needsOf('', WORKFLOWS, ['errand', 'node:fs'])).toBeNull();
  });
});
