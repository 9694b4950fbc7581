import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import type { Chance } from '../../core/ports/isolation.js';
import { asList, isAst, type Ast } from './ast.js';

/** What JSONata hands to a function as its `this`. */
export interface Focus {
  readonly environment: {
    readonly lookup: (name: string) => unknown;
    readonly bind: (name: string, value: OpenChance) => void;
    readonly timestamp: Date;
  };
}

/** No expression can name it. */
const CHANCE = '~chance';

/** Where the functions of one evaluation have chance and time from. */
interface OpenChance {
  readonly at: number;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** The variables with which one evaluation is begun. */
interface ChanceBinding {
  readonly [CHANCE]?: OpenChance;
}

export function openChance(chance: Chance | undefined): ChanceBinding {
  return chance === undefined ? {} : { [CHANCE]: toOpen(chance) };
}

function toOpen(chance: Chance): OpenChance {
  return { at: chance.at, random: seeded(chance) };
}

/** That of one of several places whose values are not to be the same. */
export function chanceWithin(chance: Chance | undefined, place: string): Chance | undefined {
  return chance === undefined ? undefined : { seed: `${chance.seed} ${place}`, at: chance.at };
}

/** That of the evaluation in which a function is called, for another within it. */
export function chanceOf(focus: Focus): ChanceBinding {
  return { [CHANCE]: open(focus) };
}

/** sfc32, begun with a hash of the seed. */
function seeded({ seed, at }: Chance): () => number {
  const hash = createHash('sha256').update(`${at} ${seed}`).digest();
  let [a, b, c, counter] = [hash.readInt32LE(0), hash.readInt32LE(4), hash.readInt32LE(8), hash.readInt32LE(12)];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  // As many bits as a number has.
  return () => (next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53;
}

/** The functions of JSONata that depend on chance and time, in a form whose values can be fixed, and `$uuid`. */
export function registerVolatile(expression: jsonata.Expression): void {
  expression.registerFunction('random', random, '<:n>');
  expression.registerFunction('shuffle', shuffle, '<a:a>');
  expression.registerFunction('uuid', uuid, '<:s>');
  expression.registerFunction('millis', millis, '<:n>');
  expression.registerFunction('now', now, '<s?s?:s>');
  expression.registerFunction('toMillis', toMillis, '<s-s?:n>');
}

/** Where nothing was given, it is that of the moment of the evaluation. */
function open({ environment }: Focus): OpenChance {
  const given = environment.lookup(CHANCE) as OpenChance | undefined;
  if (given !== undefined) return given;
  const made = toOpen({ seed: '', at: environment.timestamp.getTime() });
  environment.bind(CHANCE, made);
  return made;
}

function random(this: Focus): number {
  return open(this).random();
}

function shuffle(this: Focus, list: readonly unknown[] | undefined): readonly unknown[] | undefined {
  if (list === undefined) return undefined;
  const { random: next } = open(this);
  const shuffled = [...list];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(next() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other], shuffled[last]];
  }
  return shuffled;
}

/** Version 4. */
function uuid(this: Focus): string {
  const { random: next } = open(this);
  const bytes = Buffer.from(Array.from({ length: 16 }, () => Math.floor(next() * 256)));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function millis(this: Focus): number {
  return open(this).at;
}

async function now(this: Focus, picture?: string, timezone?: string): Promise<unknown> {
  const { fromMillis } = await ofJsonata();
  return fromMillis.call(this, open(this).at, picture, timezone);
}

/** What a picture leaves out is taken from the present moment. */
async function toMillis(this: Focus, text: string | undefined, picture?: string): Promise<unknown> {
  const original = (await ofJsonata()).toMillis;
  return original.call({ environment: { timestamp: new Date(open(this).at) } }, text, picture);
}

type Implementation = (this: unknown, ...args: readonly unknown[]) => unknown;

let functions: Promise<{ readonly fromMillis: Implementation; readonly toMillis: Implementation }> | null = null;

/** JSONata's own functions, which it tells to nobody but expressions. */
function ofJsonata(): NonNullable<typeof functions> {
  const take = async (name: string): Promise<Implementation> => {
    const { implementation } = (await jsonata(`$${name}`).evaluate(null)) as {
      readonly implementation: Implementation;
    };
    return implementation;
  };
  return (functions ??= Promise.all([take('fromMillis'), take('toMillis')]).then(([fromMillis, own]) => ({
    fromMillis,
    toMillis: own,
  })));
}

/** `eval`: its text is known only when it is evaluated. */
const VOLATILE: ReadonlySet<string> = new Set(['random', 'shuffle', 'uuid', 'millis', 'now', 'eval']);

/** Whether an expression may ask for chance or time. */
export function isVolatile(ast: unknown): boolean {
  if (Array.isArray(ast)) return ast.some(isVolatile);
  if (!isAst(ast)) return false;
  if (ast['type'] === 'variable' && VOLATILE.has(String(ast['value']))) return true;
  return isPresentTaken(ast) || Object.values(ast).some(isVolatile);
}

/** `$toMillis(text, picture)` takes what the picture leaves out from the present moment, unless it has the year. */
function isPresentTaken(ast: Ast): boolean {
  const { procedure } = ast;
  if (!isAst(procedure) || procedure['value'] !== 'toMillis') return false;
  const picture = asList(ast['arguments'])[1];
  return picture !== undefined && !(isAst(picture) && String(picture['value']).includes('[Y'));
}
