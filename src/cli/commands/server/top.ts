import { setTimeout as sleep } from 'node:timers/promises';
import { getSystem } from '../../../api/endpoints/server.js';
import type { ApiSystem } from '../../../api/system-types.js';
import type { CliContext } from '../../command/cli-context.js';
import type { CliCommand } from '../../command/command.js';
import { EXIT } from '../../terminal/exit-codes.js';
import { renderTop } from '../../view/top-view.js';

const CLEAR_BELOW = '\u001B[J';
const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';

export const topCommand: CliCommand = {
  name: 'top',
  summary: 'Show live what the server does',
  details:
    'Needs a key with the scope operate. Of several processes behind one address, whichever answers tells of itself. Ctrl-C ends it.',
  options: [
    { flags: '--every <seconds>', description: 'how often it looks; 1 when not given' },
    { flags: '--once', description: 'look once, with rates since the start; in a pipe and with --json always' },
  ],
  examples: ['errand top', 'errand top --every 5', 'errand top --json | jq .runs.queued'],
  async run(context, given) {
    const everyMs = 1_000 * (given.number('every', { min: 1, max: 3_600 }) ?? 1);
    const client = context.client();
    const read = (): Promise<ApiSystem> => client.call(getSystem);
    if (context.json) context.printJson(await read());
    else if (given.flag('once') || !context.live) context.printLines(linesOf(context, null, await read()));
    else await follow(context, read, everyMs);
    return EXIT.ok;
  },
};

async function follow(context: CliContext, read: () => Promise<ApiSystem>, everyMs: number): Promise<void> {
  const stop = new AbortController();
  const forget = context.io.onInterrupt(() => stop.abort());
  const { stdout } = context.io;
  let before: ApiSystem | null = null;
  let drawn = 0;
  stdout.write(HIDE_CURSOR);
  try {
    while (!stop.signal.aborted) {
      const now = await read();
      const lines = linesOf(context, before, now).slice(0, Math.max(4, (stdout.rows ?? 24) - 1));
      stdout.write(`\r${drawn === 0 ? '' : `\u001B[${drawn}A`}${CLEAR_BELOW}${lines.join('\n')}\n`);
      drawn = lines.length;
      before = now;
      await sleep(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  } finally {
    forget();
    stdout.write(SHOW_CURSOR);
  }
}

function linesOf(context: CliContext, before: ApiSystem | null, now: ApiSystem): string[] {
  return renderTop({ before, now, width: context.width === null ? 160 : context.width - 1, style: context.style });
}
