import { fullMessage } from '../../src/mcp/tool-kit/check-value.js';
import { staticTools, toolResultJson, type Contract } from '../../src/mcp/contract/contract.js';
import { rpcError } from '../../src/mcp/message/json-rpc.js';
import { askingTools } from './asking-tools.js';
import { ClientRequests } from './client-requests.js';
import { FixtureChanges } from './fixture-changes.js';
import { FIXTURE_PROMPTS } from './fixture-prompts.js';
import { fixtureResources } from './fixture-resources.js';
import { FixtureTasks } from './fixture-tasks.js';
import { INPUT_TOOLS } from './input-tools.js';
import { FixtureLogging, notifyingTools } from './notifying-tools.js';
import { GREET, plainTools } from './plain-tools.js';
import { taskTools } from './task-tools.js';

/**
 * A contract with the tools, prompts and resources that the conformance suite expects of a server; it has no other use.
 */
export function fixtureContract(): Contract {
  const changes = new FixtureChanges();
  const tasks = new FixtureTasks(changes);
  const requests = new ClientRequests();
  const logging = new FixtureLogging();
  return {
    name: 'conformance',
    instructions: 'A server for the conformance suite.',
    tools: staticTools([
      GREET,
      ...plainTools(changes),
      ...notifyingTools(logging),
      ...askingTools(requests),
      ...INPUT_TOOLS,
      ...taskTools(tasks),
    ]),
    resources: fixtureResources(),
    prompts: FIXTURE_PROMPTS,
    completions: { complete: async () => ({ values: [], total: 0 }) },
    tasks,
    changes,
    logging,
    onResponse: (response) => requests.take(response),
    keyFor: 'tool_calls',
    limitsMutations: false,
    renderResult: (value) => toolResultJson(value, { structured: true, isError: false }),
    renderError: (error) => ({
      kind: 'result',
      json: JSON.stringify({ content: [{ type: 'text', text: fullMessage(error) }], isError: true }),
    }),
    renderRefusal: (error) => rpcError('serverError', error.message),
  };
}
