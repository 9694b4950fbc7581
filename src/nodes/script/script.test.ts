import { describe, expect, it, vi } from 'vitest';
import type { Json } from '../../core/json.js';
import type { Logger } from '../../core/ports/logger.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import { createNodeContext } from '../../testing/node-context.js';
import { checkDefinition } from '../../workflow/check/check-definition.js';
import { nodeKinds } from '../registry.js';
import { scriptKind } from './script.js';

vi.setConfig({ testTimeout: 120_000 });

interface Options {
  readonly input?: Json;
  readonly fields?: { readonly [name: string]: Json };
  readonly signal?: AbortSignal;
  readonly log?: Logger;
}

/** Runs with so much time that no load of the machine matters, but where a test says otherwise. */
async function run(source: string, { input = {}, fields = {}, signal, log }: Options = {}): Promise<unknown> {
  const { context } = createNodeContext({
    input,
    fields: { time: '60s', ...fields, source },
    ...(signal === undefined ? {} : { signal }),
  });
  return scriptKind.execute(log === undefined ? context : { ...context, log });
}

async function failureOf(source: string, options?: Options): Promise<{ kind: string; message: string }> {
  const thrown: unknown = await run(source, options).then(
    (output) => ({ output }),
    (error: unknown) => error,
  );
  if (thrown instanceof NodeFailure) return { kind: thrown.kind, message: thrown.message };
  throw new Error(`it did not fail as a node: ${JSON.stringify(thrown)}`, { cause: thrown });
}

describe('a script node', () => {
  it('gives its script the input, and gives what it returns', async () => {
    expect(await run('return { n: input.list.map((x) => x * 2) }', { input: { list: [1, 2] } })).toEqual({ n: [2, 4] });
    expect(await run('const { a } = input;\nreturn a;', { input: { a: 'ü\u2028"\\' } })).toBe('ü\u2028"\\');
    expect(await run('return input; // so be it', { input: [null] })).toEqual([null]);
    expect(await run('input.toString()')).toBeNull();
    const long = { texts: ['ab', '漢"', '\u{1F600}'].map((unit) => unit.repeat(500_000)) };
    expect(await run('return input.texts.map((text) => text.slice(-2))', { input: long })).toEqual([
      'ab',
      '漢"',
      '\u{1F600}',
    ]);
    expect((await run('return input', { input: long, fields: { max_output: '8MB' } })) as Json).toEqual(long);
    expect(await run('return [undefined, new Date(0)]')).toEqual([null, '1970-01-01T00:00:00.000Z']);
  });

  it.each([
    ['[1, NaN]', '[1] is NaN'],
    ['{ s: new Set([1]) }', 's is a Set'],
    ['{ m: { n: new Map() } }', 'm.n is a Map'],
    ['{ f() {} }', 'f is a function'],
    ['{ b: new Uint8Array(2) }', 'b is bytes (Uint8Array)'],
  ])('fails when it returns what JSON cannot carry: %s', async (value, place) => {
    expect(await failureOf(`return ${value}`)).toEqual({
      kind: 'invalid_output',
      message: `The script did not return JSON: ${place}, which JSON cannot carry`,
    });
  });

  it('gives what a promise comes to', async () => {
    expect(await run('return (async () => { await null; return 5; })()')).toBe(5);
    expect(await failureOf('return Promise.reject(new Error("no"))')).toEqual({
      kind: 'script_error',
      message: 'The script failed: Error: no (line 1)',
    });
    expect(await failureOf('return new Promise(() => {})')).toMatchObject({
      kind: 'script_error',
      message: expect.stringContaining('nothing ever settles') as string,
    });
  });

  it('fails with the error and line of its script', async () => {
    expect(await failureOf('\n\n  throw new TypeError("boo")')).toEqual({
      kind: 'script_error',
      message: 'The script failed: TypeError: boo (line 3)',
    });
    expect(await failureOf('throw "text"')).toEqual({ kind: 'script_error', message: 'The script failed: text' });
    expect(await failureOf('x = 5')).toMatchObject({
      message: "The script failed: ReferenceError: 'x' is not defined (line 1)",
    });
    expect(await failureOf('const a = 1;\n a b c')).toMatchObject({
      kind: 'invalid_config',
      message: expect.stringContaining('line 2') as string,
    });
  });

  it('writes what its script logs, up to a hundred lines', async () => {
    const lines: string[] = [];
    const tell = (_: object, message: string): void => void lines.push(message);
    const log: Logger = { debug: tell, info: tell, warn: tell, error: tell };
    await run('console.log("a", { b: [1] }, () => 1, Symbol("s")); console.error("x".repeat(10_000))', { log });
    expect(lines).toEqual(['a {"b":[1]} () => 1 Symbol(s)', 'x'.repeat(2_000)]);
    lines.length = 0;
    await run('for (let i = 0; i < 1000; i++) console.log(i)', { log });
    expect(lines).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
  });

  it('is checked when it is loaded', () => {
    const node = (fields: object): object => ({ id: 'n', kind: 'script', ...fields });
    const check = (fields: object): string[] =>
      checkDefinition({
        definition: { id: 'w', name: 'W', description: 'w', nodes: [node(fields)] },
        kinds: nodeKinds,
      }).map(({ path, message }) => `${path}: ${message}`);
    expect(check({ source: 'return input.a' })).toEqual([]);
    expect(check({ source: 'const template = `{{ }}`;\nreturn template', memory: '64MB', time: '1s' })).toEqual([]);
    expect(check({ source: 'return 1;\n  return }' })).toEqual([
      "nodes[0].source: cannot be read: Unexpected token '}' (line 2 of it)",
    ]);
    expect(check({ source: '}); process.exit(); (function () {' })).toEqual([
      "nodes[0].source: cannot be read: Unexpected token '}' (line 1 of it)",
    ]);
    expect(check({ source: 'return 1', memory: 'much', time: '1h', max_output: '1GB' })).toEqual([
      'nodes[0].memory: must be a size from 1MB to 512MB, such as 64MB',
      'nodes[0].time: must be a duration from 1ms to 5m, such as 500ms',
      'nodes[0].max_output: must be a size from 2 to 8MB, such as 100KB',
    ]);
    expect(check({})).toEqual(['nodes[0]: the required field "source" is missing']);
  });
});

const FOREVER = [
  'while (true);',
  '/^(a+)+$/.test("a".repeat(40) + "b")',
  'try { while (true); } finally { while (true); }',
  'return { toJSON() { while (true); } }',
  'return new Proxy({}, { get() { while (true); }, ownKeys() { while (true); } })',
  'return (async () => { for (;;) await null; })()',
  'function f() { try { f() } finally { f() } } f()',
  // Loops within QuickJS itself that do not look at the time.
  'return Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)',
  'return new Array(2 ** 32 - 1).join("x")',
];

const TOO_MUCH = [
  'const a = []; while (true) a.push({})',
  'const a = []; while (true) a.push("x".repeat(1000) + a.length)',
  'const a = []; while (true) a.push(new ArrayBuffer(100_000))',
  'new ArrayBuffer(1e9)',
  '"x".repeat(2 ** 29)',
  'new Array(1e8).fill(0)',
  'function* g() { while (true) yield 1; } return [...g()]',
  'return Array.from({ length: 1e9 })',
  'return "ab".repeat(5e6).split("")',
  'return Object.keys("x".repeat(3e6))',
  'return Array(4e9)',
];

const TOO_DEEP = [
  'function f() { return f() } f()',
  'function f() { return [1].map(f) } f()',
  'function* g() { yield* g() } return [...g()]',
  'eval("(".repeat(100_000))',
  'return JSON.parse("[".repeat(100_000))',
  'let a = []; for (let i = 0; i < 100_000; i++) a = [a]; return String(a)',
];

const NO_JSON = [
  'return () => 1',
  'return Symbol()',
  'return 1n',
  'const x = {}; x.x = x; return x',
  'return { toJSON() { throw new Error("no") } }',
  'let a = []; for (let i = 0; i < 1_001; i++) a = [a]; return a',
  'let a = []; for (let i = 0; i < 50_000; i++) a = [a]; return a',
];

const OUT = [
  'return constructor.constructor("return process")()',
  'return (() => {}).constructor("return require")()("fs")',
  'return import("node:fs")',
  'return fetch("http://127.0.0.1")',
  'return setTimeout(() => 1, 1)',
  'return new WebAssembly.Memory({ initial: 1 })',
  'return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
  'try { null.x } catch (error) { return error.constructor.constructor("return process")().mainModule }',
];

describe('the sandbox', () => {
  it.each(FOREVER)('ends what does not end: %s', async (source) => {
    expect(await failureOf(source, { fields: { time: 100, memory: '512MB' } })).toEqual({
      kind: 'script_timeout',
      message: 'The script took longer than the 100 ms of its "time"',
    });
    expect(await run('return 1')).toBe(1);
  });

  it.each(TOO_MUCH)('ends what takes more memory than it may: %s', async (source) => {
    expect(await failureOf(source)).toEqual({
      kind: 'script_out_of_memory',
      message: 'The script needs more than the 32 MB of its "memory"',
    });
    expect(await run('return 1')).toBe(1);
  });

  it.each(TOO_DEEP)('ends what goes too deep: %s', async (source) => {
    expect(await failureOf(source)).toMatchObject({ kind: 'script_error' });
    expect(await run('return 1')).toBe(1);
  });

  it.each(NO_JSON)('refuses what JSON cannot carry: %s', async (source) => {
    expect(await failureOf(source)).toMatchObject({ kind: 'invalid_output' });
  });

  it.each(OUT)('has no way out: %s', async (source) => {
    expect(await failureOf(source)).toMatchObject({
      kind: 'script_error',
      message: expect.stringMatching(/is not defined|could not load module/) as string,
    });
  });

  it('knows nothing but the language and a console', async () => {
    const names = await run('return Object.getOwnPropertyNames(globalThis)');
    expect(names).toContain('console');
    const hosts = [
      'process',
      'require',
      'module',
      'global',
      'Buffer',
      'fetch',
      'setTimeout',
      'setInterval',
      'std',
      'os',
    ];
    expect((names as string[]).filter((name) => hosts.includes(name))).toEqual([]);
  });

  it('lets no script leave anything behind for the next, nor for this process', async () => {
    const spoil = `
      Object.prototype.toJSON = function () { return 'spoilt' };
      Object.prototype.polluted = 1;
      Array.prototype.map = () => 'spoilt';
      JSON.stringify = () => '{"spoilt":true}';
      JSON.parse = () => 'spoilt';
      globalThis.left = 1;
      console.log = null;
      return {};`;
    expect(await run(spoil)).toBe('spoilt');
    for (let round = 0; round < 8; round++) {
      expect(await run('return [{}.polluted, typeof left, [1].map((x) => x), typeof console.log]')).toEqual([
        null,
        'undefined',
        [1],
        'function',
      ]);
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    const output = await run('return JSON.parse(\'{"__proto__": {"polluted": 1}}\')');
    expect(Object.keys(output as object)).toEqual(['__proto__']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('bounds what is returned by its length in bytes', async () => {
    const fields = { max_output: 100 };
    expect(await run('return "x".repeat(98)', { fields })).toBe('x'.repeat(98));
    const tooLarge = { kind: 'script_output_too_large', message: expect.stringContaining('"max_output"') as string };
    expect(await failureOf('return "x".repeat(99)', { fields })).toEqual(tooLarge);
    expect(await failureOf('return "ü".repeat(50)', { fields })).toEqual(tooLarge);
    expect(await failureOf('return "x".repeat(2e6)')).toEqual(tooLarge);
    const bomb = 'let a = "x".repeat(1000); for (let i = 0; i < 30; i++) a = [a, a]; return a';
    expect(await failureOf(bomb)).toMatchObject({ kind: 'script_out_of_memory' });
  });

  it('lets scripts catch what memory they could not have, and go on', async () => {
    const source =
      'let a = []; try { while (true) a.push(new ArrayBuffer(1e6)) } catch (e) { a = null; return e.message }';
    expect(await run(source)).toBe('out of memory');
  });

  it('ends a script at once when it is given up, at work or in line', async () => {
    const controllers = Array.from({ length: 10 }, () => new AbortController());
    const runs = controllers.map(({ signal }) => run('while (true);', { signal }).catch((error: unknown) => error));
    await new Promise((resolve) => setImmediate(resolve));
    const reasons = controllers.map((_, index) => new Error(`reason ${index}`));
    for (const [index, controller] of controllers.entries()) controller.abort(reasons[index]);
    expect(await Promise.all(runs)).toEqual(reasons);
    expect(await run('return 1')).toBe(1);
    await expect(run('return 1', { signal: AbortSignal.abort(reasons[0]) })).rejects.toBe(reasons[0]);
  });

  it('runs many at once, each with its own input, while this process goes on', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const source = 'let n = 0; for (let i = 0; i < 20_000; i++) n += i % 7; return [input.i, n > 0]';
    const outputs = await Promise.all(Array.from({ length: 100 }, (_, i) => run(source, { input: { i } })));
    clearInterval(timer);
    expect(outputs).toEqual(Array.from({ length: 100 }, (_, i) => [i, true]));
    expect(turns).toBeGreaterThan(0);
  });
});
