import { createKey } from '../../../api/endpoints/organizations.js';
import { SCOPES } from '../../../core/tenant/principal.js';
import type { Scope } from '../../../core/tenant/principal.js';
import { momentAfter } from '../../../core/time/moment.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { parseMoment } from '../../terminal/human-time.js';
import { UsageError } from '../../terminal/usage-error.js';
import { organizationOption } from './organization-option.js';

export const keysCreateCommand: CliCommand = {
  name: 'keys create',
  summary: 'Make an API key; it is shown this once',
  details: 'The key alone goes to standard output, so that a script can keep it.',
  arguments: [{ name: '<name>', description: 'what the key is for, to tell it from others' }],
  options: [
    organizationOption,
    {
      flags: '--scopes <list>',
      description: `what it may do: ${SCOPES.join(', ')}, with commas between (default: run)`,
    },
    { flags: '--expires <when>', description: 'an amount of time (12h, 30d), a date or a time; never when not given' },
  ],
  examples: [
    'errand keys create ci',
    'errand keys create night-job --expires 30d',
    'KEY=$(errand keys create admin --organization acme --scopes run,manage)',
  ],
  async run(context, given) {
    const key = await context.client().call(createKey, {
      body: {
        name: given.argument(0),
        ...optional('scopes', readScopes(given.text('scopes'))),
        ...optional('expires_at', readExpiry(given.text('expires'), context.io.now())),
        ...optional('organization', given.text('organization')),
      },
    });
    if (context.json) context.printJson(key);
    else {
      context.print(key.key);
      const expiry = key.expires_at === null ? '' : `; it expires at ${key.expires_at}`;
      context.note(`This is the key "${key.name}" (${key.scopes.join(', ')})${expiry}. It is not shown again.`);
    }
    return EXIT.ok;
  },
};

function readScopes(text: string | undefined): Scope[] | undefined {
  if (text === undefined) return undefined;
  return text.split(',').map((part) => {
    const scope = SCOPES.find((candidate) => candidate === part.trim());
    if (scope === undefined)
      throw new UsageError(`'${part.trim()}' is not a scope. The scopes are ${SCOPES.join(', ')}.`);
    return scope;
  });
}

function readExpiry(text: string | undefined, now: number): string | undefined {
  if (text === undefined) return undefined;
  const moment = parseMoment(text, now);
  if (moment === null) {
    throw new UsageError(
      `--expires '${text}' is neither an amount of time (12h, 30d, 2w), a date (2030-01-31) nor a time.`,
    );
  }
  if (momentAfter(moment - now, now) === null) {
    throw new UsageError(`--expires '${text}' is later than a date can tell: 9999-12-31 is the last day.`);
  }
  if (moment <= now) throw new UsageError(`--expires '${text}' is in the past.`);
  return new Date(moment).toISOString();
}
