import { isErrandError } from '../../../core/errors.js';
import type { CliCommand } from '../../command/command.js';
import { optional } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { UsageError } from '../../terminal/usage-error.js';

export const serveCommand: CliCommand = {
  name: 'serve',
  summary: 'Start the server',
  details:
    'Serves until Ctrl-C or SIGTERM; running nodes then get a few seconds to finish, and the rest is resumed at the next start. ' +
    'The first start prints an API key, once.',
  options: [
    { flags: '--port <number>', description: 'the port to listen on (default: 8787)', env: 'ERRAND_PORT' },
    { flags: '--host <address>', description: 'the address to listen on (default: 127.0.0.1)', env: 'ERRAND_HOST' },
    { flags: '--data <folder>', description: 'where the data is kept (default: ./.errand)', env: 'ERRAND_DATA' },
    {
      flags: '--workflows <folder>',
      description: 'the workflows to load (default: ./workflows)',
      env: 'ERRAND_WORKFLOWS',
    },
    {
      flags: '--public-url <url>',
      description: 'the address that clients use (default: where it listens)',
      env: 'ERRAND_PUBLIC_URL',
    },
    {
      flags: '--allowed-hosts <names>',
      description: 'further host names that it answers to, with commas between them',
      env: 'ERRAND_ALLOWED_HOSTS',
    },
    {
      flags: '--allowed-origins <origins>',
      description: 'whose web pages may call it, with commas between them',
      env: 'ERRAND_ALLOWED_ORIGINS',
    },
    {
      flags: '--durability <mode>',
      description: 'full, or relaxed: faster, but a power cut may take back the last moments (default: full)',
      env: 'ERRAND_DURABILITY',
    },
    {
      flags: '--model-files <from>',
      description: 'where files for models are fetched from: public, or any: internal addresses too (default: public)',
      env: 'ERRAND_MODEL_FILES',
    },
    {
      flags: '--log-level <level>',
      description: 'fatal, error, warn, info, debug, trace or silent (default: warn)',
      env: 'ERRAND_LOG_LEVEL',
    },
  ],
  examples: [
    'errand serve',
    'errand serve --port 9000 --data /var/lib/errand --workflows ./my-workflows',
    'ERRAND_LOG_LEVEL=info errand serve',
  ],
  async run(_context, given) {
    const { serve } = await import('../../../app/server.js');
    const flags = {
      ...optional('port', given.text('port')),
      ...optional('host', given.text('host')),
      ...optional('data', given.text('data')),
      ...optional('workflows', given.text('workflows')),
      ...optional('publicUrl', given.text('publicUrl')),
      ...optional('allowedHosts', given.text('allowedHosts')),
      ...optional('allowedOrigins', given.text('allowedOrigins')),
      ...optional('durability', given.text('durability')),
      ...optional('modelFiles', given.text('modelFiles')),
      ...optional('logLevel', given.text('logLevel')),
    };
    try {
      await serve(flags);
    } catch (error) {
      // A setting that is wrong: nothing was started.
      if (isErrandError(error) && error.code === 'invalid_input') throw new UsageError(error.message);
      throw error;
    }
    return EXIT.ok;
  },
};
