import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { readSecret } from './read-secret.js';
import { UsageError } from './usage-error.js';

/** A terminal as Node shows it, that remembers how it was set. */
class Terminal extends EventEmitter {
  raw: boolean | null = null;
  reading = false;
  shown = '';

  setRawMode(raw: boolean): this {
    this.raw = raw;
    return this;
  }

  resume(): this {
    this.reading = true;
    return this;
  }

  pause(): this {
    this.reading = false;
    return this;
  }

  write(text: string): void {
    this.shown += text;
  }
}

function ask(terminal: Terminal): Promise<string> {
  return readSecret({ prompt: 'Key: ', stdin: terminal as never, stderr: terminal });
}

describe('a secret that is asked for', () => {
  it('is what was typed before Enter, and is not shown', async () => {
    const terminal = new Terminal();
    const asked = ask(terminal);
    expect(terminal).toMatchObject({ raw: true, reading: true });
    for (const part of ['sk-', 'abx', '\u007f', 'c\r', 'later']) terminal.emit('data', Buffer.from(part));
    expect(await asked).toBe('sk-abc');
    expect(terminal).toMatchObject({ raw: false, reading: false, shown: 'Key: \n' });
    expect(terminal.listenerCount('data')).toBe(0);
  });

  it('is none when it is broken off, and the terminal is as it was', async () => {
    const terminal = new Terminal();
    const asked = ask(terminal);
    terminal.emit('data', Buffer.from('sk-\u0003'));
    await expect(asked).rejects.toThrow(UsageError);
    expect(terminal).toMatchObject({ raw: false, reading: false });
  });
});
