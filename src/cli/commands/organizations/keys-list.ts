import { listKeys } from '../../../api/endpoints/organizations.js';
import type { ApiKeyView } from '../../../api/api-types.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import type { Colour } from '../../terminal/style.js';
import { organizationOption } from './organization-option.js';

export const keysListCommand: CliCommand = {
  name: 'keys list',
  summary: 'List the API keys of the organization',
  options: [organizationOption],
  examples: ['errand keys', 'errand keys list --organization acme'],
  async run(context, given) {
    const answer = await context
      .client()
      .call(listKeys, { query: optional('organization', given.text('organization')) });
    const now = context.io.now();
    context.printList<ApiKeyView>(answer, {
      columns: [
        { header: 'ID', value: (key) => key.id },
        { header: 'NAME', value: (key) => key.name, min: 8 },
        { header: 'KEY', value: (key) => `${key.hint}…` },
        { header: 'STATE', value: (key) => keyState(key, now), colour: (key) => chooseColour(keyState(key, now)) },
        { header: 'SCOPES', value: (key) => key.scopes.join(','), optional: true },
        { header: 'LAST USED', value: (key) => context.time(key.last_used_at), optional: true },
        { header: 'EXPIRES', value: (key) => context.time(key.expires_at), optional: true },
      ],
      rows: answer.keys,
      none: 'The organization has no keys.',
    });
    return EXIT.ok;
  },
};

function keyState(key: ApiKeyView, now: number): 'active' | 'revoked' | 'expired' {
  if (key.revoked_at !== null) return 'revoked';
  return key.expires_at !== null && Date.parse(key.expires_at) <= now ? 'expired' : 'active';
}

function chooseColour(state: string): Colour {
  return state === 'active' ? 'green' : 'dim';
}
