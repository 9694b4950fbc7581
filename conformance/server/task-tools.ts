import type { JsonObject } from '../../src/core/json.js';
import type { Tool } from '../../src/mcp/contract/contract.js';
import { NAME, asText, askFor, contentOf, defineTool, elicitation, objectSchema, sleep, text } from './content.js';
import { TaskFault, type FixtureTasks } from './fixture-tasks.js';

const CONFIRM: JsonObject = { confirm: elicitation('Delete it?', { confirm: { type: 'boolean' } }) };
const TWO: JsonObject = { first: elicitation('First name?', NAME), last: elicitation('Last name?', NAME) };

export function taskTools(tasks: FixtureTasks): readonly Tool[] {
  return [
    defineTool({
      name: 'slow_compute',
      taskSupport: 'optional',
      inputSchema: objectSchema({ seconds: { type: 'number' }, label: { type: 'string' } }),
      call: async ({ args, client, signal }) => {
        const compute = async (stop: AbortSignal): Promise<JsonObject> => {
          const until = Date.now() + 1000 * Number(args['seconds'] ?? 1);
          while (Date.now() < until && !stop.aborted) await sleep(20);
          return { content: [text(`computed ${asText(args['label'])}`)] };
        };
        if (client.tasks === 'none') return { kind: 'content', result: await compute(signal) };
        return { kind: 'task', task: tasks.start(({ cancelled }) => compute(cancelled)) };
      },
    }),
    taskTool('failing_job', tasks, async () => {
      await sleep(200);
      return { content: [text('The job failed.')], isError: true };
    }),
    taskTool('protocol_error_job', tasks, async () => {
      await sleep(50);
      throw new TaskFault('The job could not be carried out.');
    }),
    taskTool('confirm_delete', tasks, async (ask) => {
      const { confirm } = await ask(CONFIRM);
      return { content: [text(contentOf(confirm)['confirm'] === true ? 'deleted' : 'kept')] };
    }),
    taskTool('multi_input', tasks, async (ask) => {
      const { first, last } = await ask(TWO);
      return { content: [text(`${asText(contentOf(first)['name'])} ${asText(contentOf(last)['name'])}`)] };
    }),
    defineTool({
      name: 'test_tool_with_task',
      taskSupport: 'required',
      call: async ({ inputResponses: { user_name: given } }) => {
        if (given === undefined) return askFor({ user_name: elicitation('What is your name?', NAME) });
        const greeting = text(`Hello, ${asText(contentOf(given)['name'])}!`);
        return { kind: 'task', task: tasks.start(async () => ({ content: [greeting] })) };
      },
    }),
  ];
}

type Work = (ask: (requests: JsonObject) => Promise<JsonObject>) => Promise<JsonObject>;

/** A tool that answers with a task or not at all. */
function taskTool(name: string, tasks: FixtureTasks, work: Work): Tool {
  return defineTool({
    name,
    taskSupport: 'required',
    call: async () => ({ kind: 'task', task: tasks.start(({ ask }) => work(ask)) }),
  });
}
