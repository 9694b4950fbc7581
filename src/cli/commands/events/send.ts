import { sendEvent } from '../../../api/endpoints/hooks.js';
import { type CliCommand, optional } from '../../command/command.js';
import { readInput } from '../../command/read-input.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';
import { organizationOption } from '../organizations/organization-option.js';

export const sendCommand: CliCommand = {
  name: 'send',
  summary: 'Send an event to the runs that wait for it',
  arguments: [{ name: '<event>', description: 'its name, as the nodes that wait for it have it' }],
  options: [
    { flags: '--key <key>', description: 'what the nodes have as their match' },
    { flags: '--data <json>', description: 'what the runs are told: JSON, @file, or - for standard input' },
    { flags: '--keep-for <seconds>', description: 'how long runs that come to wait still take it (default: 3600)' },
    organizationOption,
  ],
  examples: ['errand send order.paid --key 1042 --data \'{"total": 12.5}\''],
  async run(context, given) {
    const source = given.text('data');
    const seconds = given.text('keepFor');
    if (seconds !== undefined && !/^\d+$/.test(seconds))
      throw new UsageError(`--keep-for '${seconds}' is no number of seconds.`);
    const sent = await context.client().call(sendEvent, {
      body: {
        name: given.argument(0),
        ...optional('key', given.text('key')),
        ...optional('data', source === undefined ? undefined : await readInput(source, context.io.stdin, '--data')),
        ...optional('keep_for_seconds', seconds === undefined ? undefined : Number(seconds)),
        ...optional('organization', given.text('organization')),
      },
    });
    if (context.json) context.printJson(sent);
    else
      context.print(
        `Sent the event ${sent.id}; ${sent.waiting === 1 ? '1 run' : `${sent.waiting} runs`} waited for it.`,
      );
    return EXIT.ok;
  },
};
