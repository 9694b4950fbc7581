import type { JsonSchema } from '../../src/core/json.js';
import type { Tool } from '../../src/mcp/contract/contract.js';
import { NAME, PNG, WAV, asText, content, defineTool, objectSchema, text } from './content.js';
import type { FixtureChanges } from './fixture-changes.js';

/** The suite takes the first tool of the list for calls without arguments. */
export const GREET = defineTool({
  name: 'greet',
  inputSchema: objectSchema(NAME),
  call: async ({ args }) => content(text(`Hello, ${asText(args['name'] ?? 'world')}!`)),
});

const DIALECT: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

export function plainTools(changes: FixtureChanges): readonly Tool[] {
  return [...contentTools(), ...schemaTools(), ...changeTools(changes)];
}

/** Each gives one sort of content. */
function contentTools(): readonly Tool[] {
  return [
    defineTool({
      name: 'test_simple_text',
      call: async () => content(text('This is a simple text response for testing.')),
    }),
    defineTool({
      name: 'test_image_content',
      call: async () => content({ type: 'image', data: PNG, mimeType: 'image/png' }),
    }),
    defineTool({
      name: 'test_audio_content',
      call: async () => content({ type: 'audio', data: WAV, mimeType: 'audio/wav' }),
    }),
    defineTool({
      name: 'test_embedded_resource',
      call: async () =>
        content({
          type: 'resource',
          resource: { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'An embedded resource.' },
        }),
    }),
    defineTool({
      name: 'test_multiple_content_types',
      call: async () =>
        content(
          text('Multiple content types test:'),
          { type: 'image', data: PNG, mimeType: 'image/png' },
          {
            type: 'resource',
            resource: { uri: 'test://mixed-content', mimeType: 'application/json', text: '{"test":"data"}' },
          },
        ),
    }),
    defineTool({
      name: 'test_error_handling',
      call: async () => ({
        kind: 'content',
        result: { content: [text('This tool intentionally returns an error for testing')], isError: true },
      }),
    }),
  ];
}

/** Those that are about what they are given. */
function schemaTools(): readonly Tool[] {
  return [
    defineTool({ name: 'json_schema_2020_12_tool', inputSchema: DIALECT, call: async () => content(text('ok')) }),
    defineTool({
      name: 'test_x_mcp_header',
      inputSchema: objectSchema({ region: { type: 'string', 'x-mcp-header': 'Region' } }, ['region']),
      call: async ({ args }) => content(text(`region=${asText(args['region'])}`)),
    }),
    defineTool({
      name: 'test_missing_capability',
      requires: { sampling: {} },
      call: async () => content(text('ok')),
    }),
    defineTool({ name: 'test_reconnection', call: async () => content(text('reconnected')) }),
  ];
}

/** Those that have lists change. */
function changeTools(changes: FixtureChanges): readonly Tool[] {
  return [
    defineTool({
      name: 'test_trigger_tool_change',
      call: async () => {
        changes.tell({ kind: 'tools' });
        return content(text('told'));
      },
    }),
    defineTool({
      name: 'test_trigger_prompt_change',
      call: async () => {
        changes.tell({ kind: 'prompts' });
        return content(text('told'));
      },
    }),
  ];
}
