import { LOG_LEVELS, type LogLevel } from '../../src/mcp/contract/call-context.js';
import type { LoggingSource, Tool } from '../../src/mcp/contract/contract.js';
import { content, defineTool, sleep, text } from './content.js';

/**
 * In memory, and for everyone: the fixture has one client at a time. Errand's own contracts log nothing to their
 * clients.
 */
export class FixtureLogging implements LoggingSource {
  #level: LogLevel = 'info';

  async setLevel(level: LogLevel): Promise<void> {
    this.#level = level;
  }

  takes(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(this.#level);
  }
}

export function notifyingTools(logging: FixtureLogging): readonly Tool[] {
  return [
    loggingTool('test_tool_with_logging', logging),
    loggingTool('test_logging_tool', logging),
    defineTool({
      name: 'test_tool_with_progress',
      notifies: true,
      call: async ({ notify }) => {
        for (const progress of [0, 50, 100]) {
          notify?.progress({ progress, total: 100 });
          await sleep(20);
        }
        return content(text('done'));
      },
    }),
  ];
}

function loggingTool(name: string, logging: FixtureLogging): Tool {
  return defineTool({
    name,
    notifies: true,
    call: async ({ notify, client }) => {
      const wanted = client.era === 'stateless' || logging.takes('info');
      for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
        if (wanted) notify?.log({ level: 'info', logger: 'fixture', data });
        await sleep(20);
      }
      return content(text('done'));
    },
  });
}
