/**
 * What logs hold of model calls, by policy.
 *
 * 1. While a run goes on its answers must be there, for whoever resumes it. Unless all may be kept, they are sealed, so that neither the file nor a
 *    copy of it ever holds them readable.
 * 2. What a model was asked is only for people to read: it is masked at once, or never written.
 * 3. When the run has ended, what is sealed is replaced: by the masked answer, or by nothing.
 * 4. A step whose answer is not there any more, or not as it was, is done anew when its run is retried.
 */
import type { ContentPolicy } from '../core/content-policy.js';
import type { RunEvent } from '../core/events.js';
import { isJsonObject, type Json, type JsonObject } from '../core/json.js';
import type { ModelAnswer } from '../core/models.js';
import { redactJson, redactText } from '../core/redact.js';
import type { Sealed, SecretBox } from '../core/secret-box.js';
import { PassedText, RedactedText, type TextFilter } from './text-filter.js';
import { isModelStep } from './step-keys.js';

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

  /** What the step of a call remembers. */
  keep({ answer, asked }: ModelExchange, runId: string): Json {
    if (this.policy === 'keep' || this.#box === null) return { answer, asked };
    const sealed = this.#box.seal(JSON.stringify(answer), placeOf(runId));
    return this.policy === 'drop' ? { sealed } : { sealed, asked: redactJson(asked) };
  }

  /** The answer, from what `keep` gave. Throws when it cannot be opened. */
  recall(kept: Json, runId: string): ModelAnswer {
    const exchange = isJsonObject(kept) ? kept : {};
    const sealed = exchange['sealed'] as Sealed | undefined;
    if (sealed === undefined || this.#box === null) return exchange['answer'] as unknown as ModelAnswer;
    return JSON.parse(this.#box.open(sealed, placeOf(runId))) as ModelAnswer;
  }

  /** What is to stand in the place of an event of a run that has ended; null when that may stay. */
  strip(event: RunEvent, runId: string): RunEvent | null {
    if (this.policy === 'keep') return null;
    if (event.kind === 'node.text') return this.#stripText(event);
    if (event.kind !== 'step.completed' || !isModelStep(event.key)) return null;
    const { outcome } = event;
    if (outcome.status !== 'completed' || isForgotten(outcome.output)) return null;
    return { ...event, outcome: { status: 'completed', output: this.#strip(outcome.output, runId) } };
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

  #strip(kept: Json, runId: string): JsonObject {
    if (this.policy === 'drop') return DROPPED;
    try {
      const answer = this.recall(kept, runId) as unknown as Json;
      const asked = isJsonObject(kept) ? (kept['asked'] ?? null) : null;
      const [cleanAnswer, cleanAsked] = [redactJson(answer), redactJson(asked)];
      // Of what models are asked nothing depends on.
      const redacted = cleanAnswer === answer ? {} : { redacted: true };
      return { answer: cleanAnswer, asked: cleanAsked, ...redacted };
    } catch {
      return DROPPED; // it cannot be opened any more, and a run ends all the same
    }
  }
}

export const KEEP_CONTENT = new ModelContent({ policy: 'keep', box: null });

const DROPPED: JsonObject = { dropped: true };

/** Whether the answer that a step remembered is not there any more as it was. */
export function isForgotten(kept: Json): boolean {
  return isJsonObject(kept) && (kept['dropped'] === true || kept['redacted'] === true);
}

function placeOf(runId: string): string {
  return `model_answers/${runId}`;
}
