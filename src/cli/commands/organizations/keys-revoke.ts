import { revokeKey } from '../../../api/endpoints/organizations.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { organizationOption } from './organization-option.js';

export const keysRevokeCommand: CliCommand = {
  name: 'keys revoke',
  summary: 'Revoke an API key, at once and for good',
  arguments: [{ name: '<id>', description: "the key's id, as `errand keys` lists it" }],
  options: [organizationOption],
  examples: ['errand keys revoke 0190b0c2-7f3a-7abc-8def-0123456789ab'],
  async run(context, given) {
    const id = given.argument(0);
    await context
      .client()
      .call(revokeKey, { path: { id }, query: optional('organization', given.text('organization')) });
    if (context.json) context.printJson({ id, revoked: true });
    else context.print(`Revoked the key ${id}.`);
    return EXIT.ok;
  },
};
