import type { CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { Findings, isHealthy } from '../../../app/doctor/finding.js';
import { printFindings } from '../../findings/print-findings.js';

export const doctorServerCommand: CliCommand = {
  name: 'doctor server',
  summary: 'Look over all that a server needs, and say what to do',
  details:
    'Looks at the settings in the environment, the workflow files, the data folder (room, speed, whether it adds up), the age of the backups, the server and its clock, the address that clients are told and signing in there, and at what does not work of ' +
    'the organization of the key: workflows with their models, secrets, schedules, webhooks, hooks and the audit trail; with the scope operate also at the store, its clock, the queue and keys that end soon. Run it where the server runs, with its environment; elsewhere it looks at what can be seen from there. ' +
    'Changes nothing. Exits with 1 when something has to be done.',
  examples: ['errand doctor server', 'ERRAND_URL=https://errand.example errand doctor server --json'],
  async run(context) {
    const [{ lookAtSettings }, { lookAtFiles }, { lookAtData, lookAtBackups }, addresses, organization, server] =
      await Promise.all([
        import('../../../app/doctor/look-at-settings.js'),
        import('../../doctor/look-at-files.js'),
        import('../../../app/doctor/look-at-data.js'),
        import('../../doctor/look-at-address.js'),
        import('../../doctor/look-at-organization.js'),
        import('../../doctor/look-at-server.js'),
      ]);
    const findings = new Findings();
    const now = (): number => context.io.now();
    const config = lookAtSettings(context.io.env, findings);
    if (config !== null) {
      await lookAtFiles(config.workflowsDir, findings);
      await lookAtData(config, findings);
      await lookAtBackups(config, now(), findings);
    }
    const { url, apiKey } = context.server();
    const answers = await addresses.lookAtAnswer({ url, fetch, now }, findings);
    if (answers) await addresses.lookAtPublicAddress({ publicUrl: config?.publicUrl ?? null, fetch }, findings);
    if (answers && apiKey !== null) {
      await organization.lookAtOrganization(context.client(), findings);
      await server.lookAtServer(context.client(), findings);
    } else if (answers) {
      findings.add('warning', 'key', 'not looked at: workflows, schedules and the like. Set ERRAND_API_KEY.');
    }
    const { list } = findings;
    const healthy = isHealthy(list);
    if (context.json) context.printJson({ url, healthy, findings: list });
    else printFindings(context, list);
    return healthy ? EXIT.ok : EXIT.error;
  },
};
