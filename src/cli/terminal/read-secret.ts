import type { ReadStream } from 'node:tty';
import { UsageError } from './usage-error.js';

const ENTER: readonly string[] = ['\r', '\n', '\u0004'];

/** Asks for a line on a terminal that shows nothing of what is typed. Throws when it is broken off with Ctrl-C. */
export async function readSecret(params: {
  readonly prompt: string;
  readonly stdin: Pick<ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;
  readonly stderr: { write(text: string): unknown };
}): Promise<string> {
  const { prompt, stdin, stderr } = params;
  stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.resume();
  try {
    return await new Promise<string>((resolve, reject) => {
      let typed = '';
      const listen = (chunk: Buffer): void => {
        for (const char of chunk.toString('utf8')) {
          if (ENTER.includes(char) || char === '\u0003') {
            stdin.off('data', listen);
            if (char === '\u0003') reject(new UsageError('broken off: no key was set'));
            else resolve(typed);
            return;
          }
          typed = char === '\u007f' || char === '\b' ? typed.slice(0, -1) : typed + char;
        }
      };
      stdin.on('data', listen);
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
}
