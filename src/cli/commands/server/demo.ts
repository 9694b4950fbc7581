import type { CliCommand } from '../../command/command.js';

export const demoCommand: CliCommand = {
  name: 'demo',
  summary: 'Watch five agents examine a bundled web site',
  details:
    'Starts a throwaway server and a small web site with planted faults on this machine, runs the workflow site_checkup on it, and shows the ' +
    'report and what went over the wire under both contracts. Needs no network and leaves nothing behind.',
  examples: ['errand demo', 'errand demo --json > report.json'],
  async run(context) {
    const { runDemo } = await import('../../../demo/run-demo.js');
    return runDemo({ context });
  },
};
