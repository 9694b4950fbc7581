import { listHooks } from '../../../api/endpoints/hooks.js';
import type { ApiHook } from '../../../api/hook-types.js';
import { type CliCommand, optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { organizationOption } from '../organizations/organization-option.js';

export const hooksListCommand: CliCommand = {
  name: 'hooks list',
  summary: 'List what lets others start runs, and what came to it',
  options: [organizationOption],
  examples: ['errand hooks'],
  async run(context, given) {
    const query = optional('organization', given.text('organization'));
    const answer = await context.client().call(listHooks, { query });
    context.printList<ApiHook>(answer, {
      columns: [
        { header: 'ID', value: ({ id }) => id },
        { header: 'NAME', value: ({ name }) => name, min: 8 },
        {
          header: 'STARTS',
          value: ({ workflow_id, event }) => workflow_id ?? `event ${event?.name ?? ''}`,
          min: 8,
        },
        { header: 'SIGNATURE', value: ({ signature }) => signature.kind, optional: true },
        { header: 'TAKEN', value: ({ accepted }) => String(accepted) },
        { header: 'REFUSED', value: ({ refused }) => String(refused) },
        { header: 'LATEST', value: ({ last_accepted_at }) => context.time(last_accepted_at), optional: true },
        {
          header: 'STATE',
          value: (hook) => stateOf(hook),
          colour: (hook) => (stateOf(hook) === 'no secret' ? 'red' : null),
        },
      ],
      rows: answer.hooks,
      none: 'There are no hooks. Make one: errand hooks create <workflow> --signature github',
    });
    return EXIT.ok;
  },
};

function stateOf({ enabled, signature, secrets }: ApiHook): string {
  if (!enabled) return 'disabled';
  return signature.kind !== 'none' && secrets.length === 0 ? 'no secret' : 'enabled';
}
