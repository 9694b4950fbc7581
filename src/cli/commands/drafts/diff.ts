import { diffDraft, diffVersions } from '../../../api/endpoints/authoring.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { ownerOptions, ownerQuery } from '../workflows/workflows-publish.js';
import { printDiff } from './print-diff.js';

export const workflowsDiffCommand: CliCommand = {
  name: 'workflows diff',
  summary: 'Show what differs between two versions, or a version and a draft',
  details:
    'Nodes that are new, gone and changed, with their fields; what callers have to send; credits. Without options, the published version and the one before it are compared.',
  arguments: [{ name: '<id>', description: "the workflow's id; with --draft, the draft's" }],
  options: [
    { flags: '--from <version>', description: 'the earlier one' },
    { flags: '--to <version>', description: 'the later one; not with --draft' },
    { flags: '--draft', description: 'compare the published version, or --from, with the draft of this id' },
    ...ownerOptions,
  ],
  examples: [
    'errand workflows diff report --from 3 --to 5',
    'errand workflows diff 0190b0c2-7f3a-7abc-8def-0123456789ab --draft',
  ],
  async run(context, given) {
    const path = { id: given.argument(0) };
    const earlier = given.number('from', { min: 1 });
    const to = optional('to', given.number('to', { min: 1 }));
    const query = { ...ownerQuery(given), ...(earlier === undefined ? {} : { from: earlier }) };
    const client = context.client();
    const diff = given.flag('draft')
      ? await client.call(diffDraft, { path, query })
      : await client.call(diffVersions, { path, query: { ...query, ...to } });
    if (context.json) context.printJson(diff);
    else printDiff(context, diff);
    return EXIT.ok;
  },
};
