import { isJsonObject, type JsonObject } from '../../src/core/json.js';
import type { Tool } from '../../src/mcp/contract/contract.js';
import { NAME, ROOTS, asText, askFor, content, contentOf, defineTool, elicitation, sampling, text } from './content.js';

const USER_NAME = { user_name: elicitation('What is your name?', NAME) };
const CONFIRM = { confirm: elicitation('Please confirm', { ok: { type: 'boolean' } }) };
const THREE = { ...USER_NAME, greeting: sampling('Generate a greeting', 50), client_roots: ROOTS };

/** Tools that answer at first with what they must know, as the stateless era does. */
export const INPUT_TOOLS: readonly Tool[] = [
  defineTool({
    name: 'test_input_required_result_elicitation',
    call: async ({ inputResponses: { user_name: given } }) =>
      given === undefined ? askFor(USER_NAME) : content(text(`Hello, ${asText(contentOf(given)['name'])}!`)),
  }),
  defineTool({
    name: 'test_streaming_elicitation',
    call: async ({ inputResponses: { user_name: given } }) =>
      given === undefined ? askFor(USER_NAME) : content(text('ok')),
  }),
  defineTool({
    name: 'test_input_required_result_sampling',
    call: async ({ inputResponses: { capital: given } }) =>
      given === undefined
        ? askFor({ capital: sampling('What is the capital of France?', 100) })
        : content(text(JSON.stringify(given))),
  }),
  defineTool({
    name: 'test_input_required_result_list_roots',
    call: async ({ inputResponses: { client_roots: given } }) =>
      given === undefined ? askFor({ client_roots: ROOTS }) : content(text(JSON.stringify(given))),
  }),
  statefulTool('test_input_required_result_request_state', CONFIRM),
  statefulTool('test_input_required_result_tampered_state', CONFIRM),
  statefulTool('test_input_required_result_multiple_inputs', THREE),
  defineTool({
    name: 'test_input_required_result_multi_round',
    call: async ({ inputResponses, requestState }) => {
      const round = isJsonObject(requestState) ? requestState['round'] : 0;
      if (round === 2 && inputResponses['step2'] !== undefined) return content(text('done'));
      if (round === 1 && inputResponses['step1'] !== undefined) {
        return askFor(
          { step2: elicitation('What is your favorite color?', { color: { type: 'string' } }) },
          { round: 2 },
        );
      }
      return askFor({ step1: elicitation('What is your name?', NAME) }, { round: 1 });
    },
  }),
  defineTool({
    name: 'test_input_required_result_capabilities',
    call: async ({ client: { capabilities } }) => {
      const requests: JsonObject = {
        ...(isJsonObject(capabilities['elicitation']) ? CONFIRM : {}),
        ...(isJsonObject(capabilities['sampling']) ? { greeting: sampling('Say hello', 10) } : {}),
      };
      return Object.keys(requests).length === 0 ? content(text('nothing can be asked')) : askFor(requests);
    },
  }),
];

/** Asks until every answer has come together with the state that went out. */
function statefulTool(name: string, requests: JsonObject): Tool {
  return defineTool({
    name,
    call: async ({ inputResponses, requestState }) => {
      const answered = Object.keys(requests).every((key) => inputResponses[key] !== undefined);
      return requestState !== null && answered ? content(text('state-ok')) : askFor(requests, { asked: true });
    },
  });
}
