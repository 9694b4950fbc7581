import { afterEach, describe, expect, it } from 'vitest';
import { createErrand, type Errand } from '../../src/app/create-errand.js';
import type { HandlerContext } from '../../src/core/handlers/node-kind.js';
import type { Json } from '../../src/core/json.js';
import { defineWorkflow } from '../../src/workflow/define-workflow.js';

const opened: Errand[] = [];
afterEach(async () => {
  for (const errand of opened.splice(0)) await errand.close({ graceMs: 0 });
});

type Run = (context: HandlerContext) => unknown;

/** The run of a workflow whose only node is this function. */
async function runOf(run: Run, more: object = {}) {
  const workflow = defineWorkflow({
    id: 'odd',
    name: 'Odd',
    description: 'Gives odd values.',
    nodes: [{ id: 'only', kind: 'code', run, role: 'odd', label: 'Odd', ...more }],
  });
  const errand = await createErrand({ data: ':memory:', workflows: [workflow] });
  opened.push(errand);
  const { id } = await errand.runWorkflow('odd', {});
  return errand.waitForRun(id);
}

class Private {
  readonly #inside = 1;
  get inside(): number {
    return this.#inside;
  }
}
class Endless extends String {
  override valueOf(): string {
    return this as unknown as string;
  }
}

function cycle(): object {
  const circle: { self?: object } = {};
  circle.self = circle;
  return circle;
}
const laughs = (levels: number): unknown =>
  Array.from({ length: levels }).reduce((below: unknown) => [below, below], 'ha');
const selfish = (): object => ({ toJSON: () => selfish() });
const holes = (length: number): unknown[] => Object.assign([], { length });
const throwing = (): never => {
  throw new Error('not to be read');
};
const proxy = (trap: keyof ProxyHandler<object>): object => new Proxy({}, { [trap]: throwing });

/** What cannot be an output, and what is said of it. */
const REFUSED: readonly (readonly [name: string, make: () => unknown, kind: string, told: RegExp])[] = [
  ['NaN', () => Number.NaN, 'invalid_output', /at\.list\[1\] is NaN/],
  ['infinity', () => -1 / 0, 'invalid_output', /at\.list\[1\] is -Infinity/],
  ['a bigint', () => 1n, 'invalid_output', /is a bigint/],
  ['a bigint in an object', () => Object(1n), 'invalid_output', /is of the kind BigInt/],
  ['a symbol', () => Symbol('s'), 'invalid_output', /is a symbol/],
  ['a function', () => () => 1, 'invalid_output', /is a function/],
  ['a Map', () => new Map([[1, 2]]), 'invalid_output', /is a Map/],
  ['a Set', () => new Set([1]), 'invalid_output', /is a Set/],
  ['an iterator of a Map', () => new Map([[1, 2]]).entries(), 'invalid_output', /is of the kind Map Iterator/],
  ['a promise', () => Promise.resolve(1), 'invalid_output', /is a Promise/],
  ['an error', () => new TypeError('t'), 'invalid_output', /is an Error/],
  ['bytes', () => Buffer.from('x'), 'invalid_output', /is bytes/],
  ['a buffer', () => new ArrayBuffer(8), 'invalid_output', /is an ArrayBuffer/],
  ['headers', () => new Headers({ a: 'b' }), 'invalid_output', /is of the kind Headers/],
  ['a form', () => new URLSearchParams('a=b'), 'invalid_output', /is of the kind URLSearchParams/],
  ['a response', () => new Response('x'), 'invalid_output', /is of the kind Response/],
  ['a date that does not exist', () => new Date(Number.NaN), 'invalid_output', /is a date that does not exist/],
  ['a cycle', () => cycle(), 'invalid_output', /holds itself/],
  [
    'a getter that throws',
    () => Object.defineProperty({}, 'a', { get: throwing, enumerable: true }),
    'invalid_output',
    /not to be read/,
  ],
  ['toJSON that throws', () => ({ toJSON: throwing }), 'invalid_output', /not to be read/],
  ['toJSON without end', () => selfish(), 'invalid_output', /toJSON that gives what has one, again and again/],
  ['a boxed text that is none', () => new Endless('x'), 'invalid_output', /is String, and holds none/],
  ['a proxy that tells no names', () => proxy('ownKeys'), 'invalid_output', /not to be read/],
  ['a proxy that tells no prototype', () => proxy('getPrototypeOf'), 'invalid_output', /not to be read/],
  ['a proxy that holds nothing', () => proxy('has'), 'invalid_output', /not to be read/],
  ['a list of holes', () => holes(4_000_000_000), 'output_too_large', /is a list of 4000000000 items/],
  ['a value that refers to the same again and again', () => laughs(60), 'output_too_large', /the same again and again/],
  ['a long text many times', () => Array.from({ length: 2_000 }, () => LONG), 'output_too_large', /more than 8388608/],
];
const LONG = 'x'.repeat(8_000_000);

/** What is another value as an output. */
const CHANGED: readonly (readonly [name: string, make: () => unknown, become: Json])[] = [
  ['a date', () => new Date(0), '1970-01-01T00:00:00.000Z'],
  ['an address', () => new URL('http://a.test/'), 'http://a.test/'],
  ['half a pair', () => ['\ud83d', { '\ude00': '\ud83d\ude00' }], ['\ufffd', { '\ufffd': '\ud83d\ude00' }]],
  ['-0', () => [-0, { a: -0 }], [0, { a: 0 }]],
  ['holes', () => holes(3), [null, null, null]],
  ['nothing', () => [undefined, { a: undefined }], [null, {}]],
  ['what stands for itself in JSON', () => ({ toJSON: () => ({ toJSON: () => 'deep' }) }), 'deep'],
  ['a boxed number', () => Object(5), 5],
  ['an object without a prototype', () => Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
  ['an object that hides what it holds', () => new Private(), {}],
  [
    'a field __proto__',
    () => JSON.parse('{"__proto__":{"a":1}}') as unknown,
    JSON.parse('{"__proto__":{"a":1}}') as Json,
  ],
];

/** Beside much else, so that it is copied over several turns. */
const MUCH = Array.from({ length: 3_000 }, (_, index) => index);
const DOORS: readonly (readonly [name: string, run: (make: () => unknown) => Run])[] = [
  ['the output of a handler', (make) => () => ({ at: { list: [0, make()] } })],
  ['a large output', (make) => () => ({ much: MUCH, at: { list: [0, make()] } })],
  [
    'the outcome of a step',
    (make) =>
      async ({ step }) =>
        step('s', () => ({ at: { list: [0, make()] } })),
  ],
];

describe.each(DOORS)('%s', (_door, run) => {
  it.each(REFUSED)('cannot hold %s', async (_name, make, kind, told) => {
    const { status, error } = await runOf(run(make));
    expect([status, error?.kind]).toEqual(['failed', kind]);
    expect(error?.message).toMatch(told);
  });

  it.each(CHANGED)('holds %s as JSON has it', async (_name, make, become) => {
    const ended = await runOf(run(make));
    const { at } = (ended.output ?? {}) as { at?: { list: Json[] } };
    expect([ended.status, JSON.stringify(at?.list[1])]).toEqual(['completed', JSON.stringify(become)]);
    // Before and after it was written down.
    expect(Object.is(at?.list[1], -0)).toBe(false);
  });
});

describe('a handler that throws', () => {
  const failing: { readonly [name: string]: () => unknown } = {
    nothing: () => undefined,
    null: () => null,
    'a symbol': () => Symbol('s'),
    'a function': () => () => 1,
    'a proxy': () => new Proxy({}, { get: throwing, has: throwing, getPrototypeOf: throwing }),
    'an error whose kind throws': () => Object.defineProperty(new Error('told'), 'kind', { get: throwing }),
    'an error whose message throws': () => Object.defineProperty(new Error('told'), 'message', { get: throwing }),
    'an error whose kind is long': () => Object.assign(new Error('told'), { kind: `${'k'.repeat(100_000)}\ud83d` }),
    'an error with half a pair': () => Object.assign(new Error('\ud83d'), { kind: '\ud83d' }),
    'an error that waits for ever': () => Object.assign(new Error('told'), { retryAfterMs: Number.NaN }),
  };
  it.each(Object.entries(failing))('%s fails its node', async (_name, make) => {
    const { status, error } = await runOf(() => {
      throw make();
    });
    expect(status).toBe('failed');
    expect(error?.message).toEqual(expect.stringMatching(/./));
    expect(error?.kind.length).toBeLessThanOrEqual(100);
    expect(JSON.stringify(error).includes('\\ud')).toBe(false);
  });
});

describe('what a handler reports', () => {
  it('is refused to its face when it is no report, and kept as text otherwise', async () => {
    const refused: string[] = [];
    const attempt = (work: () => void): void => {
      try {
        work();
      } catch (thrown) {
        refused.push((thrown as Error).name);
      }
    };
    const run = await runOf(({ progress, findings, log }) => {
      for (const percent of [Number.NaN, 'x', null, 1n]) attempt(() => progress(percent as number));
      for (const message of [5, {}, Symbol('s')]) attempt(() => progress(1, message as string));
      for (const text of [5, null, ['x']]) attempt(() => findings(text as unknown as string));
      progress(1 / 0, 'half \ud83d');
      findings('half \ud83d');
      for (const fields of [
        cycle(),
        { a: 1n },
        {
          get b() {
            return throwing();
          },
        },
        new Map(),
        proxy('ownKeys'),
      ]) {
        attempt(() => log.info(fields, 'odd fields'));
      }
      return 'done';
    });
    expect(refused.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'TypeError'));
    expect(run).toMatchObject({ status: 'completed', output: 'done' });
    expect(run.nodes[0]).toMatchObject({ progress: 100, findings: 'half \ufffd' });
  });
});

describe('the list of a map', () => {
  it.each<[string, Json]>([
    ['[1..3][$ > 2]', [3]],
    ['[1..3][$ > 3]', []],
    ['input.nothing', []],
    ['5', [5]],
    ['{ "a": 1 }', [{ a: 1 }]],
    ['[[1, 2]]', [[1, 2]]],
  ])('may be what %s finds', async (over, output) => {
    const workflow = defineWorkflow({
      id: 'maps',
      name: 'Maps',
      description: 'Gives its items.',
      nodes: [{ id: 'each', kind: 'map', over: `{{ ${over} }}`, do: { kind: 'transform', with: '{{ item }}' } }],
    });
    const errand = await createErrand({ data: ':memory:', workflows: [workflow] });
    opened.push(errand);
    const { id } = await errand.runWorkflow('maps', {});
    expect(await errand.waitForRun(id)).toMatchObject({ status: 'completed', output });
  });
});
