/**
 * What logs hold of calls of models and of the tools that they use, by policy.
 *
 * 1. While a run goes on, models' answers and tools' results must be there, for whoever resumes it. Unless all may be
 *    kept, they are sealed, so that neither the file nor a copy of it ever holds them readable.
 * 2. What a model was asked is only for people to read: it is masked at once, or never written. What a tool was given
 *    stands in the answer that asks for it.
 * 3. When the run has ended, what is sealed is replaced: by what it was, masked, or by nothing.
 * 4. A step whose answer or result is not there any more, or not as it was, is done again when its run is retried.
 */
import type { ContentPolicy } from '../../core/models/content-policy.js';
import type { RunEvent } from '../../core/run/events.js';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import type { ModelAnswer } from '../../core/models/models.js';
import { redactJson, redactText } from '../../core/text/redact.js';
import type { Sealed, SecretBox } from '../../core/ports/secret-box.js';
import { PassedText, RedactedText, type TextFilter } from './text-filter.js';
import { isModelStep, isToolStep } from '../../core/run/step-keys.js';

export interface ModelExchange {
  readonly answer: Json;
  readonly asked: Json;
}

export class ModelContent {
  readonly policy: ContentPolicy;
  readonly #box: SecretBox | null;

  /** Without a box, everything is kept. */
  constructor(params: { readonly policy: ContentPolicy; readonly box: SecretBox | null }) {
    this.policy = params.box === null ? 'keep' : params.policy;
    this.#box = params.box;
  }

  /** What the step of a model's call remembers. */
  keep({ answer, asked }: ModelExchange, runId: string): Json {
    const sealed = this.#seal(answer, runId);
    if (sealed === null) return { answer, asked };
    return this.policy === 'drop' ? { sealed } : { sealed, asked: redactJson(asked) };
  }

  /** The answer, from what `keep` gave. Throws when it cannot be opened. */
  recall(kept: Json, runId: string): ModelAnswer {
    return this.#open(kept, 'answer', runId) as unknown as ModelAnswer;
  }

  /** What the step of a tool's call remembers. */
  keepResult(result: Json, runId: string): Json {
    const sealed = this.#seal(result, runId);
    return sealed === null ? { result } : { sealed };
  }

  /** The result, from what `keepResult` gave. Throws when it cannot be opened. */
  recallResult(kept: Json, runId: string): Json {
    return this.#open(kept, 'result', runId);
  }

  /** What is to stand instead of an event of a run that has ended; null when that may stay. */
  strip(event: RunEvent, runId: string): RunEvent | null {
    if (this.policy === 'keep') return null;
    if (event.kind === 'node.text') return this.#stripText(event);
    if (event.kind !== 'step.completed' || !holdsContent(event.key)) return null;
    const { outcome } = event;
    if (outcome.status !== 'completed' || isForgotten(outcome.output)) return null;
    const what = isModelStep(event.key) ? 'answer' : 'result';
    return { ...event, outcome: { status: 'completed', output: this.#strip(outcome.output, what, runId) } };
  }

  /** For the text of one answer, on its way to others. */
  textFilter(): TextFilter | null {
    if (this.policy === 'drop') return null;
    return this.policy === 'redact' ? new RedactedText() : new PassedText();
  }

  /** There is some to strip only of what was written when all was kept. */
  #stripText(event: RunEvent & { readonly kind: 'node.text' }): RunEvent | null {
    const text = this.policy === 'drop' ? '' : redactText(event.text);
    return text === event.text ? null : { ...event, text };
  }

  #strip(kept: Json, what: 'answer' | 'result', runId: string): JsonObject {
    if (this.policy === 'drop') return DROPPED;
    try {
      const content = this.#open(kept, what, runId);
      const clean = redactJson(content);
      // Of what models are asked nothing depends on.
      const asked = isJsonObject(kept) ? kept['asked'] : undefined;
      return {
        [what]: clean,
        ...(asked === undefined ? {} : { asked: redactJson(asked) }),
        ...(clean === content ? {} : { redacted: true }),
      };
    } catch {
      return DROPPED; // it cannot be opened any more, and a run ends all the same
    }
  }

  /** Null when all may be kept. */
  #seal(content: Json, runId: string): Sealed | null {
    if (this.policy === 'keep' || this.#box === null) return null;
    return this.#box.seal(JSON.stringify(content), placeOf(runId));
  }

  #open(kept: Json, what: 'answer' | 'result', runId: string): Json {
    const holder = isJsonObject(kept) ? kept : {};
    const sealed = holder['sealed'] as Sealed | undefined;
    if (sealed === undefined || this.#box === null) return holder[what] ?? null;
    return JSON.parse(this.#box.open(sealed, placeOf(runId))) as Json;
  }
}

export const KEEP_CONTENT = new ModelContent({ policy: 'keep', box: null });

const DROPPED: JsonObject = { dropped: true };

/** Whether what a step came to is a model's answer, or what a tool gave that a model uses. */
export function holdsContent(key: string): boolean {
  return isModelStep(key) || isToolStep(key);
}

/** Whether the answer or result that such a step remembered is not there any more as it was. */
export function isForgotten(kept: Json): boolean {
  return isJsonObject(kept) && (kept['dropped'] === true || kept['redacted'] === true);
}

function placeOf(runId: string): string {
  return `model_answers/${runId}`;
}
