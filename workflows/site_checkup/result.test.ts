import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { WorkflowDefinition } from '../../src/core/workflow/definition.js';
import type { NodeScope, ExpressionScope } from '../../src/workflow/plan/plan.js';
import { compileSchema } from '../../src/workflow/schema/schema.js';
import { compileTemplate } from '../../src/workflow/template/template.js';
import { makeReport, type Severity } from './lib/report.js';

const definition = parse(readFileSync(new URL('./workflow.yaml', import.meta.url), 'utf8')) as WorkflowDefinition;

function ended(output: unknown): NodeScope {
  return {
    status: 'completed',
    output: structuredClone(output) as NonNullable<NodeScope['output']>,
    error: null,
    findings: null,
  };
}

const FAILED: NodeScope = { status: 'failed', error: { kind: 'timeout', message: 'too slow' }, findings: null };
const CRAWL = ended({ url: 'http://site.test/', pages: [{ status: 200 }, { status: 404 }] });

function report(agent: string, ...severities: Severity[]): NodeScope {
  const faults = severities.map((severity) => ({
    rule: 'a-rule',
    severity,
    page: 'http://site.test/',
    selector: null,
    message: `A ${severity} fault.`,
  }));
  return ended(makeReport({ agent, checked: 2, faults }));
}

function scope(nodes: ExpressionScope['nodes']): ExpressionScope {
  const run = { id: 'r', workflowId: 'site_checkup', workflowVersion: 1, createdAt: '2026-01-01T00:00:00.000Z' };
  return { input: { url: 'http://site.test/' }, nodes, organization: { id: 'o', name: 'O' }, run };
}

async function resultOf(nodes: ExpressionScope['nodes']) {
  const output = await compileTemplate(definition.result ?? null).evaluate(scope(nodes));
  const summary = await compileTemplate(definition.summary ?? null).evaluate(scope(nodes));
  const schema = compileSchema(definition.output ?? {});
  if (schema.status !== 'ok') throw new Error(JSON.stringify(schema.faults));
  return { output, summary, problems: schema.check(output) };
}

describe('the result of site_checkup', () => {
  it('holds all faults, worst first, and the agents by role', async () => {
    const { output, summary, problems } = await resultOf({
      crawl: CRAWL,
      links: report('link-checker', 'low', 'high'),
      seo: report('seo-inspector', 'high', 'medium'),
    });
    expect(problems).toEqual([]);
    expect(output).toMatchObject({
      url: 'http://site.test/',
      pages_checked: 1,
      agents: { 'link-checker': { faults: 2 }, 'seo-inspector': { faults: 2 } },
      findings: [{ severity: 'high' }, { severity: 'high' }, { severity: 'medium' }, { severity: 'low' }],
    });
    expect(summary).toMatch(/^Scored \d+\/100: 1 page, 4 faults\. Among the worst: A high fault\.\s*$/);
  });

  it('leaves out the agents that failed, and fits its schema with one fault alone', async () => {
    const { output, problems } = await resultOf({ crawl: CRAWL, links: report('link-checker', 'low'), seo: FAILED });
    expect(problems).toEqual([]);
    expect(Object.keys((output as { agents: object }).agents)).toEqual(['link-checker']);
    expect((output as { findings: unknown[] }).findings).toHaveLength(1);
  });

  it('fits its schema when there is nothing to find', async () => {
    const { output, summary, problems } = await resultOf({ crawl: CRAWL, links: report('link-checker') });
    expect(problems).toEqual([]);
    expect(output).toMatchObject({ score: 100, findings: [] });
    expect(summary).toMatch(/0 faults\. No fault is severe\.\s*$/);
  });
});

describe('the input of site_checkup', () => {
  const schema = compileSchema(definition.input ?? {});
  const fits = (input: object): boolean => schema.status === 'ok' && schema.check(input as never).length === 0;

  it.each([{ url: 'https://shop.example/' }, { url: 'http://127.0.0.1:80', max_pages: 100, check_external: true }])(
    'may be %j',
    (input) => expect(fits(input)).toBe(true),
  );

  it.each([
    {},
    { url: 'shop.example' },
    { url: 'file:///etc/passwd' },
    { url: 'http://a.example/', max_pages: 0 },
    { url: 'http://a.example/', max_pages: 101 },
  ])('may not be %j', (input) => expect(fits(input)).toBe(false));
});
