import { describe, expect, it } from 'vitest';
import { RequestExchange } from '../../../test/support/http/request-exchange.js';
import { ManualClock, settle } from '../../testing/manual-clock.js';
import type { AnswerStream, HeaderFields } from './exchange.js';
import { sendStream } from './send-stream.js';

const REQUEST = new Request('http://localhost/events');

/** An exchange whose client closes its sending half when a test says so. */
class HalfClosing extends RequestExchange {
  clientEnds: () => void = () => undefined;

  override openStream(fields: HeaderFields): AnswerStream {
    const onceClientEnds = (listener: () => void): (() => void) => {
      this.clientEnds = listener;
      return () => undefined;
    };
    return Object.assign(super.openStream(fields), { onceClientEnds });
  }
}

/** Of which nothing comes until the signal aborts. */
async function* quiet(signal: AbortSignal): AsyncGenerator<string> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  yield* [];
}

async function* numbers(taken: number[]): AsyncGenerator<string> {
  for (let number = 1; number <= 100; number += 1) {
    taken.push(number);
    yield String(number);
  }
}

async function* failing(): AsyncGenerator<string> {
  yield '1';
  throw new Error('the disk is gone');
}

async function open(given?: AsyncIterable<string>) {
  const clock = new ManualClock();
  const closing = new AbortController();
  const over = new AbortController();
  const exchange = new HalfClosing(REQUEST, closing.signal);
  exchange.onceOver(() => over.abort());
  const items = given ?? quiet(AbortSignal.any([closing.signal, over.signal]));
  let failure: unknown = null;
  const sent = sendStream(exchange, { items, toText: (item) => `${item};`, opening: ': watching\n\n', clock });
  const ended = sent.catch((thrown: unknown) => (failure = thrown));
  const reader = (await exchange.response).body!.getReader();
  const read = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value);
  return { clock, closing, exchange, ended, read, reader, failure: () => failure };
}

describe('sendStream', () => {
  it('gives a sign of life to who reads', async () => {
    const { clock, read } = await open();
    expect(await read()).toBe(': watching\n\n');
    for (let count = 0; count < 3; count += 1) {
      await clock.advance(15_000);
      expect(await read()).toBe(': still here\n\n');
    }
  });

  it('gathers no signs of life for who does not read', async () => {
    const { clock, read, reader } = await open();
    await read();
    await clock.advance(10 * 60_000);
    expect(await read()).toBe(': still here\n\n');
    const next = reader.read();
    expect(await Promise.race([next, settle().then(() => 'nothing')])).toBe('nothing');
  });

  it('takes an item only when the client has room for it', async () => {
    const taken: number[] = [];
    const { read } = await open(numbers(taken));
    await settle();
    expect(taken).toEqual([1]);
    expect(await read()).toBe(': watching\n\n');
    expect(await read()).toBe('1;');
    await settle();
    expect(taken.length).toBeLessThan(5);
  });

  it('finds out whether a client that has closed its sending half is still there', async () => {
    const { clock, read, exchange } = await open();
    await read();
    exchange.clientEnds();
    expect(await read()).toBe(': still here\n\n');
    await clock.advance(50);
    expect(await read()).toBe(': still here\n\n');
    await clock.advance(1_000);
    expect(await read()).toBe(': still here\n\n');
  });

  it.each(['the server stops', 'the client leaves'])('keeps nothing going after %s', async (how) => {
    const { clock, read, reader, closing, ended } = await open();
    await read();
    expect(clock.waiting).toBe(1);
    if (how === 'the server stops') closing.abort();
    else await reader.cancel();
    await ended;
    expect(clock.waiting).toBe(0);
  });

  it('rejects when its items fail, so that the connection is cut', async () => {
    const { clock, ended, read, failure } = await open(failing());
    await read();
    await read();
    await ended;
    expect(failure()).toEqual(new Error('the disk is gone'));
    expect(clock.waiting).toBe(0);
  });
});
