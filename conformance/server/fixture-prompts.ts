import { ErrandError } from '../../src/core/errors.js';
import type { JsonObject } from '../../src/core/json.js';
import { slicePage, type Page, type PageRequest } from '../../src/mcp/contract/paging.js';
import type { PromptEntry, PromptOutcome, PromptRequest, PromptSource } from '../../src/mcp/contract/sources.js';
import { PNG, asText, askFor, contentOf, elicitation, text } from './content.js';

interface FixturePrompt {
  readonly arguments: readonly string[];
  readonly get: (request: PromptRequest) => PromptOutcome;
}

const PROMPTS = new Map<string, FixturePrompt>([
  ['test_input_required_result_prompt', { arguments: [], get: askingPrompt }],
  ['test_prompt_with_arguments', { arguments: ['arg1', 'arg2'], get: ({ args }) => say(text(JSON.stringify(args))) }],
  [
    'test_prompt_with_embedded_resource',
    {
      arguments: ['resourceUri'],
      get: ({ args }) =>
        say(
          {
            type: 'resource',
            resource: { uri: args['resourceUri'] ?? '', mimeType: 'text/plain', text: 'An embedded resource.' },
          },
          text('Please process the embedded resource above.'),
        ),
    },
  ],
  [
    'test_prompt_with_image',
    { arguments: [], get: () => say({ type: 'image', data: PNG, mimeType: 'image/png' }, text('Analyze the image.')) },
  ],
  ['test_simple_prompt', { arguments: [], get: () => say(text('This is a simple prompt for testing.')) }],
]);

export const FIXTURE_PROMPTS: PromptSource = {
  list: async ({ cursor }: PageRequest): Promise<Page<PromptEntry>> => {
    const entries = [...PROMPTS].map(([name, prompt]) => ({
      name,
      description: `What the conformance suite expects of ${name}.`,
      arguments: prompt.arguments.map((argument) => ({ name: argument, description: argument, required: true })),
    }));
    return slicePage(entries, { cursor, keyOf: ({ name }) => name });
  },
  get: async (request) => {
    const prompt = PROMPTS.get(request.name);
    if (prompt === undefined) throw new ErrandError('not_found', `Unknown prompt: ${request.name.slice(0, 100)}`);
    return prompt.get(request);
  },
};

function say(...parts: readonly JsonObject[]): PromptOutcome {
  return { kind: 'value', messages: parts.map((content) => ({ role: 'user', content })) };
}

function askingPrompt({ inputResponses: { user_context: given } }: PromptRequest): PromptOutcome {
  if (given !== undefined) return say(text(asText(contentOf(given)['context'])));
  return askFor({ user_context: elicitation('What context should the prompt use?', { context: { type: 'string' } }) });
}
