// oxlint-disable unicorn/require-post-message-target-origin -- a thread's port, not a window's
// A thread that runs scripts, one at a time. Every script has a QuickJS of its own (a WebAssembly instance with its own
// memory), which is dropped when the script ends: nothing of it can reach the next. All that passes between the script
// and this thread is text.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant, newVariant } from 'quickjs-emscripten-core';
import { ComputeTime, findOwnClock, readClock } from './compute-time.mjs';

const wasmFile = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm');
const wasmModule = await WebAssembly.compile(await readFile(wasmFile));
const clock = findOwnClock();

const MIB = 1024 * 1024;
const PAGE = 65_536;
/** What the instance has at its start: its stack and data. */
const OWN_PAGES = 256;
/**
 * QuickJS counts its stack in WebAssembly's memory; the thread's own stack, which grows with it, must not be used up
 * before.
 */
const STACK_BYTES = 192 * 1024;
const LOG_LINES = 100;
const LOG_LENGTH = 2_000;
const MESSAGE_LENGTH = 2_000;
const MAX_DEPTH = 1_000;
/** For telling what went wrong, after time or memory was used up. */
const SPARE_MS = 200;

/**
 * Runs before the script, and keeps what it uses of its world, so that what the script changes in it does not matter.
 */
const PRELUDE = `(function (log) {
  'use strict';
  const { parse, stringify } = JSON;
  const Text = String;
  const slice = Function.prototype.call.bind(String.prototype.slice);
  const show = (value) => {
    if (typeof value === 'string') return value;
    try {
      const text = stringify(value);
      return typeof text === 'string' ? text : Text(value);
    } catch {
      try { return Text(value); } catch { return '?'; }
    }
  };
  const tell = (...values) => {
    let line = '';
    for (let at = 0; at < values.length && line.length < ${LOG_LENGTH}; at++) line += (at === 0 ? '' : ' ') + show(values[at]);
    log(slice(line, 0, ${LOG_LENGTH}));
  };
  globalThis.console = { log: tell, debug: tell, info: tell, warn: tell, error: tell };
  const read = (error, name) => {
    try {
      const value = error[name];
      return typeof value === 'string' ? slice(value, 0, ${MESSAGE_LENGTH}) : '';
    } catch {
      return '';
    }
  };
  const describe = (error) => {
    if (typeof error !== 'object' || error === null) {
      let text = '?';
      try { text = slice(Text(error), 0, ${MESSAGE_LENGTH}); } catch {}
      return stringify({ name: '', message: text, stack: '' });
    }
    return stringify({ name: read(error, 'name'), message: read(error, 'message'), stack: read(error, 'stack') });
  };
  const { isArray } = Array;
  const { keys } = Object;
  const { isFinite } = Number;
  const tagOf = Function.prototype.call.bind(Object.prototype.toString);
  const refuse = (place, what) => {
    throw { message: (place === '' ? 'the value' : place) + ' is ' + what + ', which JSON cannot carry' };
  };
  // After stringify, which has refused what holds itself.
  const assertFits = (value, place) => {
    const type = typeof value;
    if (type === 'number' && !isFinite(value)) refuse(place, Text(value));
    if (type === 'function' || type === 'symbol' || type === 'bigint') refuse(place, 'a ' + type);
    if (type !== 'object' || value === null) return;
    const tag = slice(tagOf(value), 8, -1);
    if (tag === 'Map' || tag === 'Set' || tag === 'Promise' || tag === 'Error' || tag === 'RegExp') refuse(place, tag === 'Error' ? 'an Error' : 'a ' + tag);
    if (tag === 'ArrayBuffer' || tag === 'DataView' || (!isArray(value) && tag !== 'Array' && slice(tag, -5) === 'Array')) refuse(place, 'bytes (' + tag + ')');
    if (typeof value.toJSON === 'function') return;
    if (isArray(value)) {
      for (let at = 0; at < value.length; at++) assertFits(value[at], place + '[' + at + ']');
      return;
    }
    const names = keys(value);
    for (let at = 0; at < names.length; at++) assertFits(value[names[at]], place === '' ? names[at] : place + '.' + names[at]);
  };
  const write = (value) => {
    const text = stringify(value);
    assertFits(value, '');
    return text;
  };
  return { parse, write, describe };
})`;

/** Thrown by the steps below: how the script ended, when it is not with an output. */
class Ended extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

async function openSandbox({ memory }) {
  // The most that the instance may grow to, whatever QuickJS counts: its limit, its own needs, and room to tell of a
  // failure.
  const maximum = OWN_PAGES + Math.ceil((memory + 4 * MIB) / PAGE);
  const wasmMemory = new WebAssembly.Memory({ initial: OWN_PAGES, maximum });
  const emscriptenModule = { print: () => undefined, printErr: () => undefined };
  const quickjs = await newQuickJSWASMModuleFromVariant(
    newVariant(variant, { wasmModule, wasmMemory, emscriptenModule }),
  );
  const runtime = quickjs.newRuntime();
  runtime.setMemoryLimit(memory + MIB / 2); // QuickJS's own objects take that much
  runtime.setMaxStackSize(STACK_BYTES);
  const context = runtime.newContext();
  const state = { interrupted: false, time: null, lookAt: Number.POSITIVE_INFINITY };
  runtime.setInterruptHandler(() => {
    const now = performance.now();
    if (now < state.lookAt) return false;
    const left = state.time.left({ now, onCore: readClock(clock) });
    state.lookAt = now + left;
    state.interrupted = left <= 0;
    return state.interrupted;
  });
  return { runtime, context, state };
}

/** From now on the script may compute so long. */
function giveTime(state, timeMs) {
  const now = performance.now();
  state.time = new ComputeTime({ timeMs, now, onCore: readClock(clock) });
  state.lookAt = now + timeMs;
}

async function runScript(job) {
  const logs = [];
  try {
    const sandbox = await openSandbox(job);
    parentPort.postMessage({ kind: 'begun', clock });
    return { kind: 'output', text: evaluate(job, sandbox, logs), logs };
  } catch (thrown) {
    if (thrown instanceof Ended) return { kind: thrown.kind, message: thrown.message, logs };
    // WebAssembly ran out of the thread's stack, or QuickJS gave up.
    if (thrown instanceof RangeError) return { kind: 'script_error', message: TOO_DEEP, logs };
    return { kind: 'script_error', message: `the sandbox broke: ${thrown?.message ?? thrown}`.slice(0, 500), logs };
  }
}

const TOO_DEEP = 'the calls go too deep (endless recursion?)';

function evaluate({ source, input, memory, time, output }, sandbox, logs) {
  const { context, runtime, state } = sandbox;
  const collect = context.newFunction('log', (line) => {
    if (logs.length < LOG_LINES && context.typeof(line) === 'string') logs.push(context.getString(line));
  });
  const prelude = expect(sandbox, context.evalCode(PRELUDE, 'prelude'), 'script_error');
  const tools = expect(sandbox, context.callFunction(prelude, context.undefined, collect), 'script_error');
  const tool = (name) => context.getProp(tools, name);
  sandbox.describe = tool('describe');
  const [parse, write] = [tool('parse'), tool('write')];
  giveTime(state, time);
  // The script starts on line 1, so that lines are told as its author counts them.
  const code = `(function (input) {${source}\n})`;
  const main = expect(sandbox, context.evalCode(code, 'script', { strict: true }), 'invalid_config');
  const given = context.callFunction(parse, context.undefined, context.newString(input));
  const value = expect(sandbox, given, 'script_error');
  const returned = settle(
    sandbox,
    expect(sandbox, context.callFunction(main, context.undefined, value), 'script_error'),
  );
  const type = context.typeof(returned);
  if (type === 'undefined') return 'null';
  if (type === 'function' || type === 'symbol') {
    throw new Ended('invalid_output', `returned a ${type}, which JSON cannot carry`);
  }
  const text = expect(sandbox, context.callFunction(write, context.undefined, returned), 'invalid_output');
  if (context.typeof(text) !== 'string') return 'null';
  const length = context.getNumber(context.getProp(text, 'length'));
  if (length > output) throw new Ended('script_output_too_large', '');
  runtime.setMemoryLimit(memory + 4 * MIB + 4 * length);
  const json = context.getString(text);
  if (Buffer.byteLength(json) > output) throw new Ended('script_output_too_large', '');
  if (depthOf(json) > MAX_DEPTH)
    throw new Ended('invalid_output', `returned JSON that is nested over ${MAX_DEPTH} deep`);
  return json;
}

/** What a promise came to: there is nothing to wait for but other promises. */
function settle(sandbox, value) {
  const { context, runtime } = sandbox;
  const kind = context.getPromiseState(value);
  if (kind.type === 'fulfilled' && kind.notAPromise) return value;
  const jobs = runtime.executePendingJobs();
  if (jobs.error) throw toEnded(sandbox, jobs.error, 'script_error');
  const state = context.getPromiseState(value);
  if (state.type === 'fulfilled') return state.value;
  if (state.type === 'rejected') throw toEnded(sandbox, state.error, 'script_error');
  throw new Ended('script_error', 'returned a promise that nothing ever settles');
}

function expect(sandbox, result, kind) {
  if (result.error) throw toEnded(sandbox, result.error, kind);
  return result.value;
}

function toEnded({ context, runtime, state, describe }, error, kind) {
  if (state.interrupted) return new Ended('script_timeout', '');
  // Telling it may need memory and time of its own.
  runtime.setMemoryLimit(-1);
  giveTime(state, SPARE_MS);
  const described = describe === undefined ? null : context.callFunction(describe, context.undefined, error);
  if (described === null || described.error) {
    return state.interrupted
      ? new Ended(kind, 'threw something that cannot be read')
      : new Ended('script_out_of_memory', '');
  }
  const { name, message, stack } = JSON.parse(context.getString(described.value));
  // Without the memory for an error of that name, QuickJS throws null.
  if (name === '' && message === 'null') return new Ended('script_out_of_memory', '');
  if (name === 'InternalError' && message === 'out of memory') return new Ended('script_out_of_memory', '');
  if (name === 'InternalError' && message === 'stack overflow') return new Ended(kind, TOO_DEEP);
  const line = /\bscript:(\d+)/.exec(stack)?.[1];
  const told = name === '' ? message : `${name}: ${message}`;
  return new Ended(kind, line === undefined ? told : `${told} (line ${line})`);
}

/** How deep lists and objects stand in each other. */
function depthOf(json) {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (quoted) {
      if (code === 92) at++;
      else if (code === 34) quoted = false;
    } else if (code === 34) quoted = true;
    else if (code === 91 || code === 123) deepest = Math.max(deepest, ++depth);
    else if (code === 93 || code === 125) depth--;
  }
  return deepest;
}

/** Of the input of the job that comes next. */
let pieces = [];

parentPort.on('message', (told) => {
  if (told.piece !== undefined) {
    pieces.push(told.piece);
    return;
  }
  const job = { ...told, input: pieces.join('') + told.input };
  pieces = [];
  void runScript(job).then((outcome) => parentPort.postMessage(outcome));
});
