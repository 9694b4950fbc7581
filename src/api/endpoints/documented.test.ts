import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isJsonObject } from '../../core/json.js';
import type { AnyEndpoint } from '../endpoint.js';
import { ENDPOINTS } from './all.js';

/** The rows of the table of endpoints in docs/api.md: cells without their bars. */
const rows = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8')
  .split('## Endpoints')[1]!
  .split('\n## ')[0]!
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));

const documented = rows.flatMap(([, requests = '', text = '', scope = '']) =>
  [...requests.matchAll(/`((?:GET|POST|PUT|PATCH|DELETE) [^`]+)`/g)].map((match) => ({
    request: match[1]!,
    text,
    scope,
  })),
);

const requestOf = ({ method, path }: AnyEndpoint): string => `${method} ${path}`;

describe('the table of endpoints in docs/api.md', () => {
  it('names the endpoints that there are, each once', () => {
    expect(documented.map(({ request }) => request).toSorted()).toEqual(ENDPOINTS.map(requestOf).toSorted());
  });

  it.each(ENDPOINTS.map((endpoint) => [requestOf(endpoint), endpoint] as const))(
    'says of %s its scope and the fields of its query and body',
    (request, { scope, query, body }) => {
      const row = documented.find((each) => each.request === request);
      expect(row?.scope).toBe(`\`${scope}\``);
      const properties = isJsonObject(body?.['properties']) ? body['properties'] : {};
      // The fields of the two that start a run are told below the table.
      const told = request === 'POST /runs' ? '' : row?.text;
      for (const name of [...Object.keys(query), ...(told === '' ? [] : Object.keys(properties))]) {
        expect(row?.text).toMatch(new RegExp(`[\`"?]${name}[="\`]`));
      }
    },
  );

  it('has no two endpoints with one name', () => {
    const names = ENDPOINTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
