import type { ApiBulkJob } from '../../../api/bulk-types.js';
import { getBulkJob, listBulkJobs, stopBulkJob } from '../../../api/endpoints/runs.js';
import type { CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { tellJob } from './bulk-start.js';

export const bulkListCommand: CliCommand = {
  name: 'bulk list',
  summary: 'List bulk jobs, newest first',
  examples: ['errand bulk'],
  async run(context) {
    const answer = await context.client().call(listBulkJobs, {});
    context.printList<ApiBulkJob>(answer, {
      columns: [
        { header: 'ID', value: ({ id }) => id },
        { header: 'ACTION', value: ({ action }) => action },
        { header: 'STATUS', value: ({ status }) => status },
        { header: 'DONE', value: ({ done }) => String(done), align: 'right' },
        { header: 'SKIPPED', value: ({ skipped }) => String(skipped), align: 'right', optional: true },
        { header: 'REFUSED', value: ({ refused }) => String(refused), align: 'right' },
        { header: 'CREATED', value: ({ created_at }) => context.time(created_at), optional: true },
      ],
      rows: answer.bulk_jobs,
      none: 'There are no bulk jobs.',
    });
    return EXIT.ok;
  },
};

const JOB = [{ name: '<job>', description: 'its id, as errand bulk lists it' }];

export const bulkShowCommand: CliCommand = {
  name: 'bulk show',
  summary: 'Show how far a bulk job is',
  arguments: JOB,
  examples: ['errand bulk show 01a22331-d1cb-7565-ae00-23c8f4d255f1'],
  async run(context, given) {
    return tellJob(context, await context.client().call(getBulkJob, { path: { id: given.argument(0) } }));
  },
};

export const bulkStopCommand: CliCommand = {
  name: 'bulk stop',
  summary: 'Stop a bulk job; what it has done stays done',
  arguments: JOB,
  examples: ['errand bulk stop 01a22331-d1cb-7565-ae00-23c8f4d255f1'],
  async run(context, given) {
    return tellJob(context, await context.client().call(stopBulkJob, { path: { id: given.argument(0) }, body: {} }));
  },
};
