import { exportAudit } from '../../../api/endpoints/audit.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { organizationOption } from '../organizations/organization-option.js';

const PAGE = 500;

export const auditExportCommand: CliCommand = {
  name: 'audit export',
  summary: 'Write the audit trail, oldest first, a JSON object a line',
  details: 'Needs a key with the scope manage.',
  options: [
    { flags: '--after <seq>', description: 'only entries after this one: what came since an earlier export' },
    organizationOption,
  ],
  examples: ['errand audit export > audit.jsonl', 'errand audit export --after 1200 >> audit.jsonl'],
  async run(context, given) {
    const client = context.client();
    const where = optional('organization', given.text('organization'));
    for (let after = given.number('after', { min: 0 }) ?? 0; ;) {
      const { entries } = await client.call(exportAudit, { query: { ...where, after, limit: PAGE } });
      if (entries.length > 0) context.printLines(entries.map((entry) => JSON.stringify(entry)));
      const last = entries.at(-1);
      if (last === undefined) return EXIT.ok;
      after = last.seq;
    }
  },
};
