import { revokeGrant } from '../../../api/endpoints/grants.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { organizationOption } from './organization-option.js';

export const grantsRevokeCommand: CliCommand = {
  name: 'grants revoke',
  summary: 'End what a client may do, at once and for good',
  arguments: [{ name: '<id>', description: "the grant's id, as `errand grants` lists it" }],
  options: [organizationOption],
  examples: ['errand grants revoke 0190b0c2-7f3a-7abc-8def-0123456789ab'],
  async run(context, given) {
    const id = given.argument(0);
    await context
      .client()
      .call(revokeGrant, { path: { id }, query: optional('organization', given.text('organization')) });
    if (context.json) context.printJson({ id, revoked: true });
    else context.print(`Revoked the grant ${id}.`);
    return EXIT.ok;
  },
};
