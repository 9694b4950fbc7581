import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, KEY_A, post, startFixture, type Fixture } from '../../../test/support/http/http-fixture.js';
import { SAMPLE_RUNS, sampleId } from '../../../test/support/runs/sample-records.js';
import { ENDPOINTS } from '../../api/endpoints/all.js';
import { ANSWERS } from '../../api/openapi/answers.js';
import { EXAMPLES } from '../../api/openapi/examples.js';
import { SCHEMAS } from '../../api/openapi/schemas.js';
import type { JsonSchema } from '../../core/json.js';

let fixture: Fixture;
let api: string;

beforeAll(async () => {
  fixture = await startFixture();
  api = `${fixture.url}/api/v1`;
});
afterAll(() => fixture.close());

/**
 * What is wrong with a value, by a schema of the document in which objects have no other properties than those that it
 * names.
 */
function problemsOf(schema: JsonSchema, value: unknown): unknown {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats.default(ajv);
  const components = JSON.parse(JSON.stringify({ schemas: SCHEMAS }), closeObjects) as object;
  ajv.addSchema({ $id: 'https://errand.test/', components });
  const closed = JSON.stringify(JSON.parse(JSON.stringify(schema), closeObjects)).replaceAll(
    '"#/',
    '"https://errand.test/#/',
  );
  const validate = ajv.compile(JSON.parse(closed) as object);
  return validate(value) ? null : validate.errors;
}

function closeObjects(_: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'properties' in value && 'type' in value
    ? { ...value, additionalProperties: false }
    : value;
}

describe('the OpenAPI document', () => {
  it('is one that the linter finds nothing wrong with', async () => {
    const source = await (await fetch(`${api}/openapi.json`)).text();
    const config = await createConfig({ extends: ['recommended-strict'], rules: { 'no-server-example.com': 'off' } });
    const problems = await lintFromString({ source, config });
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
  });

  it('has every endpoint once, with the address at which it was asked for', async () => {
    const document = (await (await fetch(`${api}/openapi.json`)).json()) as {
      servers: readonly { url: string }[];
      paths: { [path: string]: { [method: string]: { operationId: string } } };
    };
    expect(document.servers).toEqual([{ url: api }]);
    const names = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map((each) => each.operationId),
    );
    expect(names.toSorted()).toEqual(ENDPOINTS.map(({ name }) => name).toSorted());
  });

  it.each(ENDPOINTS)('has an example of $name that fits its schemas', ({ name, body }) => {
    const key = name as keyof typeof EXAMPLES;
    const example: { readonly body?: unknown; readonly answer: unknown } = EXAMPLES[key];
    const schema = ANSWERS[key];
    expect(body === null || problemsOf(body, example.body) === null).toBe(true);
    expect(schema === null ? example.answer : problemsOf(schema, example.answer)).toBeNull();
  });

  it('describes what the server answers', async () => {
    const idOf = (name: keyof typeof SAMPLE_RUNS): string => sampleId(Object.keys(SAMPLE_RUNS).indexOf(name));
    const run = `/runs/run_${idOf('running')}`;
    const asked: readonly (readonly [keyof typeof ANSWERS, string, unknown?])[] = [
      ['listWorkflows', '/workflows'],
      ['getWorkflow', '/workflows/site_checkup'],
      ['startRun', '/runs', { workflow_id: 'site_checkup', input: { url: 'https://example.org' } }],
      ['listRuns', '/runs'],
      ['getRun', run],
      ['getRun', `/runs/run_${idOf('completed')}`],
      ['listRunEvents', `${run}/events`],
      ['getCredits', '/credits'],
      ['getLimits', '/limits'],
      ['listCreditMovements', '/credits/movements'],
      ['listKeys', '/keys'],
      ['createKey', '/keys', { name: 'another' }],
      ['listOrganizations', '/organizations'],
      ['createOrganization', '/organizations', { slug: 'acme' }],
      ['listModels', '/models'],
      ['getUsage', '/usage'],
    ];
    await fixture.services.setMonthlyLimit(1_000);
    fixture.services.stub('describeModels', async () => ({ providers: [], aliases: [], priced: [] }));
    for (const [index, sample] of Object.values(SAMPLE_RUNS).entries()) {
      await fixture.services.put({ ...sample, id: sampleId(index) });
    }
    for (const [name, path, body] of asked) {
      const response = await (body === undefined
        ? fetch(api + path, { headers: bearer(KEY_A) })
        : post(api + path, body));
      expect([name, response.ok]).toEqual([name, true]);
      expect([name, problemsOf(ANSWERS[name] ?? {}, await response.json())]).toEqual([name, null]);
    }
  });
});

describe('the page /docs', () => {
  it('tells of every endpoint, without a script and without another host', async () => {
    const response = await fetch(`${fixture.url}/docs`);
    const page = await response.text();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; /);
    for (const { name } of ENDPOINTS) expect(page).toContain(`<section id="${name}">`);
    expect(page).not.toMatch(/<script|<img|<link|@import|url\(/);
    const links = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, to]) => to);
    expect(links.filter((to) => !to?.startsWith('#'))).toEqual(['api/v1/openapi.json']);
  });
});
