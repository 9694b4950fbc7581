import type { ApiNode } from '@api/api-types.js';
import { isJsonObject, type Json, type JsonObject } from '@core/json.js';
import { isModelStep, isToolStep, parseInnerKey, parseItemKey } from '@core/run/step-keys.js';
import type { NodeHistory, Step } from '../../history/history.js';

/** What became of what was said, by the server's setting: it is there, masked, not yet readable, or not kept. */
export type Kept = 'kept' | 'masked' | 'sealed' | 'dropped';

/** A step of a node, as it is told. */
export type ShownStep = { readonly id: string; readonly name: string } & (
  | { readonly kind: 'model'; readonly call: ModelCall }
  | { readonly kind: 'tool' | 'run'; readonly kept: Kept; readonly result: Json | undefined }
  | { readonly kind: 'step'; readonly outcome: Json }
);

export interface ModelCall {
  /** `lost`: it gave no answer. */
  readonly state: 'answered' | 'writing' | 'lost';
  readonly kept: Kept;
  readonly usage: JsonObject | null;
  /** Null where it is not kept. */
  readonly asked: JsonObject | null;
  readonly answer: JsonObject | null;
  /** The text as it came in, for want of the answer. */
  readonly text: string | null;
}

/** The steps of a node in their order, those of its items aside; after them the answers that models are writing. */
export function listSteps(node: ApiNode, { steps, lostCalls, texts, status }: NodeHistory): readonly ShownStep[] {
  const own = steps.filter(({ key }) => parseItemKey(key) === null);
  const ended = own.map((step) => ({ seq: step.seq, shown: readStep(node, step, texts) }));
  const lost = lostCalls.map(({ seq, step, usage }) => ({
    seq,
    shown: modelStep(`lost ${seq}`, step, { ...NOTHING, state: 'lost', usage: isJsonObject(usage) ? usage : null }),
  }));
  const done = [...ended, ...lost].toSorted((one, other) => one.seq - other.seq).map(({ shown }) => shown);
  if (status !== 'running') return done;
  const answered = new Set(own.map(({ key }) => nameOf(node, key)));
  const writing = [...texts]
    .filter(([name]) => !answered.has(name))
    .map(([name, text]) => modelStep(`writing ${name}`, name, { ...NOTHING, state: 'writing', text }));
  return [...done, ...writing];
}

const NOTHING = { kept: 'kept', usage: null, asked: null, answer: null, text: null } as const;

function modelStep(id: string, name: string, call: ModelCall): ShownStep {
  return { id, name, kind: 'model', call };
}

function readStep(node: ApiNode, { seq, key, outcome, usage }: Step, texts: ReadonlyMap<string, string>): ShownStep {
  const name = nameOf(node, key);
  const about = { id: String(seq), name };
  const output = isJsonObject(outcome) && outcome['status'] === 'completed' ? outcome['output'] : undefined;
  const holder = isJsonObject(output) ? output : null;
  if (isModelStep(key) && holder !== null) {
    const { asked, answer } = holder;
    const call: ModelCall = {
      state: 'answered',
      kept: keptOf(holder, 'answer'),
      usage: isJsonObject(usage) ? usage : null,
      asked: isJsonObject(asked) ? asked : null,
      answer: isJsonObject(answer) ? answer : null,
      text: texts.get(name) ?? null,
    };
    return modelStep(about.id, name, call);
  }
  if (isToolStep(key) && holder !== null) {
    const kind = parseInnerKey(key)?.key.startsWith('run:') === true ? 'run' : 'tool';
    return { ...about, kind, kept: keptOf(holder, 'result'), result: holder['result'] };
  }
  return { ...about, kind: 'step', outcome: output ?? outcome };
}

function keptOf(holder: JsonObject, what: 'answer' | 'result'): Kept {
  if (holder['redacted'] === true) return 'masked';
  if (holder['sealed'] !== undefined) return 'sealed';
  return holder[what] === undefined ? 'dropped' : 'kept';
}

/** As events name it: without what tells generations and kinds apart. */
function nameOf(node: ApiNode, key: string): string {
  const parsed = parseInnerKey(key);
  if (parsed === null) return key;
  const name = parsed.key.slice(parsed.key.indexOf(':') + 1);
  return parsed.place === node.id ? name : `${parsed.place}:${name}`;
}
