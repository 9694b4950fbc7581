import { describe, expect, it } from 'vitest';
import { createErrand } from '../../app/create-errand.js';
import { silentLogger } from '../../core/ports/logger.js';
import { defineWorkflow } from '../../workflow/define-workflow.js';

describe('the log of a handler', () => {
  it('says in each line whose it is: organization, run, node and attempt', async () => {
    const lines: object[] = [];
    const logger = { ...silentLogger, info: (fields: object, message: string) => lines.push({ ...fields, message }) };
    const workflow = defineWorkflow({
      id: 'logs',
      name: 'Logs',
      description: 'Logs at its second attempt.',
      nodes: [
        {
          id: 'work',
          kind: 'code',
          retry: { attempts: 2, initial: 1 },
          run: ({ log, attempt }) => {
            log.info({ customer: 'ada', runId: 'of its own' }, 'looked up');
            if (attempt === 1) throw new Error('again');
            return null;
          },
        },
      ],
    });
    const errand = await createErrand({ data: ':memory:', workflows: [workflow], logger });
    try {
      const { id } = await errand.runWorkflow('logs', {});
      const { organizationId } = await errand.waitForRun(id);
      const line = { customer: 'ada', message: 'looked up', organizationId, runId: id, nodeId: 'work' };
      expect(lines.filter((each) => 'customer' in each)).toEqual([
        { ...line, attempt: 1 },
        { ...line, attempt: 2 },
      ]);
    } finally {
      await errand.close();
    }
  });
});
