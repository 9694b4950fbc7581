import { listGrants } from '../../../api/endpoints/grants.js';
import type { ApiGrant } from '../../../api/api-types.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { organizationOption } from './organization-option.js';

export const grantsListCommand: CliCommand = {
  name: 'grants list',
  summary: 'List the clients that people of the organization have signed in for',
  options: [organizationOption],
  examples: ['errand grants', 'errand grants list --organization acme'],
  async run(context, given) {
    const answer = await context
      .client()
      .call(listGrants, { query: optional('organization', given.text('organization')) });
    context.printList<ApiGrant>(answer, {
      columns: [
        { header: 'ID', value: ({ id }) => id },
        { header: 'CLIENT', value: ({ client }) => client.name, min: 8 },
        { header: 'HOST', value: ({ client }) => client.host },
        { header: 'SIGNED IN WITH', value: (grant) => grant.signed_in_with, optional: true },
        { header: 'SCOPES', value: ({ scopes }) => scopes.join(','), optional: true },
        { header: 'FOR', value: ({ resources }) => resources.join(','), optional: true },
        { header: 'LAST USED', value: (grant) => context.time(grant.last_used_at), optional: true },
      ],
      rows: answer.grants,
      none: 'Nobody of the organization has signed in for a client.',
    });
    return EXIT.ok;
  },
};
