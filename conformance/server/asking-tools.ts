import type { JsonObject } from '../../src/core/json.js';
import type { Tool, ToolRequest, ToolOutcome } from '../../src/mcp/contract/contract.js';
import type { ClientRequests } from './client-requests.js';
import { asText, content, defineTool, objectSchema, sampling, text } from './content.js';

/** Tools that ask their client in the middle of a call, as the handshake era does. */
export function askingTools(requests: ClientRequests): readonly Tool[] {
  const elicit = async (call: ToolRequest<JsonObject>, message: string, schema: JsonObject): Promise<ToolOutcome> => {
    const request = { method: 'elicitation/create', params: { message, requestedSchema: schema } };
    const answer = await requests.ask(call.notify, request, call.signal);
    const said = `action=${asText(answer['action'])}, content=${JSON.stringify(answer['content'] ?? {})}`;
    return content(text(`Elicitation completed: ${said}`));
  };
  return [
    defineTool({
      name: 'test_sampling',
      notifies: true,
      inputSchema: objectSchema({ prompt: { type: 'string' } }, ['prompt']),
      call: async ({ args, notify, signal }) => {
        const answer = await requests.ask(notify, sampling(asText(args['prompt']), 100), signal);
        return content(text(`LLM response: ${JSON.stringify(answer['content'])}`));
      },
    }),
    defineTool({
      name: 'test_elicitation',
      notifies: true,
      inputSchema: objectSchema({ message: { type: 'string' } }, ['message']),
      call: (call) => elicit(call, asText(call.args['message']), USER),
    }),
    defineTool({
      name: 'test_elicitation_sep1034_defaults',
      notifies: true,
      call: (call) => elicit(call, 'Please check the defaults', DEFAULTS),
    }),
    defineTool({
      name: 'test_elicitation_sep1330_enums',
      notifies: true,
      call: (call) => elicit(call, 'Please choose', ENUMS),
    }),
  ];
}

const USER = objectSchema(
  {
    username: { type: 'string', description: "User's response" },
    email: { type: 'string', description: "User's email address" },
  },
  ['username', 'email'],
);

const DEFAULTS = objectSchema({
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
});

const ENUMS = objectSchema({
  untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
  titledSingle: {
    type: 'string',
    oneOf: [
      { const: 'value1', title: 'First Option' },
      { const: 'value2', title: 'Second Option' },
    ],
  },
  legacyEnum: {
    type: 'string',
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['Option One', 'Option Two', 'Option Three'],
  },
  untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
  titledMulti: {
    type: 'array',
    items: {
      anyOf: [
        { const: 'value1', title: 'First Choice' },
        { const: 'value2', title: 'Second Choice' },
      ],
    },
  },
});
