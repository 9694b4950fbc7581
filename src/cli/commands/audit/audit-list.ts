import type { ApiAuditEntry } from '../../../api/audit-types.js';
import { listAudit } from '../../../api/endpoints/audit.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { organizationOption } from '../organizations/organization-option.js';

export const auditListCommand: CliCommand = {
  name: 'audit list',
  summary: 'List who changed what, newest first',
  details: 'Needs a key with the scope manage.',
  options: [
    { flags: '--limit <number>', description: 'at most this many, 1 to 500; 100 when not given' },
    { flags: '--before <seq>', description: 'only entries before this one' },
    organizationOption,
  ],
  examples: ['errand audit', 'errand audit list --limit 20'],
  async run(context, given) {
    const answer = await context.client().call(listAudit, {
      query: {
        ...optional('limit', given.number('limit', { min: 1, max: 500 })),
        ...optional('before', given.number('before', { min: 1 })),
        ...optional('organization', given.text('organization')),
      },
    });
    context.printList<ApiAuditEntry>(answer, {
      columns: [
        { header: 'SEQ', value: ({ seq }) => String(seq) },
        { header: 'AT', value: ({ at }) => context.time(at) },
        { header: 'WHO', value: ({ actor }) => (actor.id === null ? actor.kind : `${actor.kind} ${actor.id}`) },
        { header: 'FROM', value: ({ from }) => from ?? '-' },
        { header: 'ACTION', value: ({ action }) => action, colour: () => 'bold' },
        { header: 'OF', value: ({ target }) => target.id, min: 10 },
        { header: 'AFTER', value: ({ after }) => (after === null ? '' : JSON.stringify(after)), min: 10 },
      ],
      rows: answer.entries,
      none: 'Nothing was changed yet.',
    });
    return EXIT.ok;
  },
};
