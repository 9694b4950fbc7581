import { ErrandError } from '../../src/core/errors.js';
import type { JsonObject } from '../../src/core/json.js';
import { slicePage } from '../../src/mcp/contract/paging.js';
import type { ResourceSource } from '../../src/mcp/contract/sources.js';
import { asText, PNG } from './content.js';

const RESOURCES: ReadonlyMap<string, JsonObject> = new Map([
  ['test://static-binary', { mimeType: 'image/png', blob: PNG }],
  ['test://static-text', { mimeType: 'text/plain', text: 'This is the content of the static text resource.' }],
  ['test://watched-resource', { mimeType: 'text/plain', text: 'This is the content of the watched resource.' }],
]);

export function fixtureResources(): ResourceSource {
  /**
   * In memory, and for everyone: the fixture has one client at a time. Errand's own contracts have
   * `subscriptions/listen` only.
   */
  const subscribed = new Set<string>();
  return {
    list: async ({ cursor }) => {
      const entries = [...RESOURCES].map(([uri, { mimeType }]) => ({
        uri,
        name: uri.slice('test://'.length),
        description: 'What the conformance suite reads.',
        mimeType: asText(mimeType),
      }));
      return slicePage(entries, { cursor, keyOf: ({ uri }) => uri });
    },
    templates: [
      {
        uriTemplate: 'test://template/{id}/data',
        name: 'template',
        description: 'By id.',
        mimeType: 'application/json',
      },
    ],
    read: async (uri) => {
      const found = RESOURCES.get(uri) ?? fromTemplate(uri);
      if (found === null) throw new ErrandError('not_found', `There is no ${uri.slice(0, 100)}.`);
      return { contents: [{ uri, ...found }] };
    },
    subscriptions: {
      subscribe: async (uri) => void subscribed.add(uri),
      unsubscribe: async (uri) => void subscribed.delete(uri),
    },
  };
}

function fromTemplate(uri: string): JsonObject | null {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id === undefined) return null;
  const data = { id, templateTest: true, data: `Data for ID: ${id}` };
  return { mimeType: 'application/json', text: JSON.stringify(data) };
}
