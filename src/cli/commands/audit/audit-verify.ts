import { verifyAudit } from '../../../api/endpoints/audit.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { organizationOption } from '../organizations/organization-option.js';

export const auditVerifyCommand: CliCommand = {
  name: 'audit verify',
  summary: 'Tell whether any entry of the audit trail was changed or taken out',
  details:
    'Needs a key with the scope manage. Prints what the trail ends with: kept elsewhere and given with --head later, it shows whether the end is missing.',
  options: [
    { flags: '--head <seq:hash>', description: 'what the trail ended with at an earlier time' },
    organizationOption,
  ],
  examples: ['errand audit verify', 'errand audit verify --head 812:5f70bf18…'],
  async run(context, given) {
    const check = await context.client().call(verifyAudit, {
      query: { ...optional('head', given.text('head')), ...optional('organization', given.text('organization')) },
    });
    if (context.json) context.printJson(check);
    else if (check.intact)
      context.printLines([`${check.entries} entries, all intact.`, `Head: ${check.head ?? 'none'}`]);
    else context.printLines(check.faults);
    return check.intact ? EXIT.ok : EXIT.error;
  },
};
