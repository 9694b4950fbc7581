import { getLogLevel, setLogLevel } from '../../../api/endpoints/server.js';
import { LOG_LEVELS } from '../../../core/ports/logger.js';
import type { CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';

export const logLevelCommand: CliCommand = {
  name: 'log-level',
  summary: 'Show or change from which level on a running server logs',
  details: 'Needs a key with the scope operate. Holds until the server is started again.',
  arguments: [{ name: '[level]', description: `${LOG_LEVELS.join(', ')}; without it, the level is shown` }],
  examples: ['errand log-level', 'errand log-level debug'],
  async run(context, given) {
    const wanted = given.argument(0);
    const level = LOG_LEVELS.find((name) => name === wanted);
    if (wanted !== '' && level === undefined) {
      throw new UsageError(`There is no level ${JSON.stringify(wanted)}; there are ${LOG_LEVELS.join(', ')}.`);
    }
    const client = context.client();
    const answer = await (level === undefined
      ? client.call(getLogLevel)
      : client.call(setLogLevel, { body: { level } }));
    if (context.json) context.printJson(answer);
    else context.printLines([answer.level]);
    return EXIT.ok;
  },
};
