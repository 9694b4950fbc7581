import type { CliCommand } from '../../command/command.js';
import { isHealthy } from '../../../app/doctor/finding.js';
import { printFindings } from '../../findings/print-findings.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';

export const doctorOAuthCommand: CliCommand = {
  name: 'doctor oauth',
  summary: 'Check that every known host can sign in at an address',
  details:
    'Does what Claude, ChatGPT, Cursor, VS Code and the others do with an address that is given to them: asks it, with and without a final slash, reads where to sign in, becomes known to the server, and ' +
    'opens the page to sign in on. Says of each thing that is wrong what to mend. Run it where the hosts are, outside of your network. It signs nobody in; what it registers goes within a day. ' +
    'Exits with 1 when a host would not get in.',
  arguments: [{ name: '<address>', description: 'what hosts are given: https://errand.example/mcp' }],
  examples: ['errand doctor oauth https://errand.example/mcp'],
  async run(context, given) {
    const url = given.argument(0);
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      throw new UsageError(`'${url}' is not an address. Give what hosts are given, like https://errand.example/mcp.`);
    }
    const { examineOAuth } = await import('../../oauth-doctor/examine-oauth.js');
    const findings = await examineOAuth(fetch, url);
    const healthy = isHealthy(findings);
    if (context.json) context.printJson({ url, healthy, findings });
    else printFindings(context, findings);
    return healthy ? EXIT.ok : EXIT.error;
  },
};
