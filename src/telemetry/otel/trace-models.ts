import { NodeFailure } from '../../core/handlers/node-kind.js';
import type { ModelAnswer, Models } from '../../core/models/models.js';
import {
  aboutModelAnswer,
  aboutModelCall,
  aboutNamedModel,
  ERROR_TYPE,
  OPERATION_DURATION,
  TOKEN_USAGE,
} from './trace/conventions.js';
import { Histogram } from '../metrics/registry.js';
import type { Attributes } from './trace/attributes.js';
import type { MetricList } from './export-metrics.js';
import type { Tracer } from './trace/tracer.js';

/** The same models; calls of theirs have spans, and are measured as GenAI's conventions want it. */
export function traceModels<M extends Models>(models: M, list: MetricList, tracer: Tracer): M {
  const metrics = new ModelMetrics(list);
  const call: Models['call'] = async (request, options) => {
    const about = aboutModelCall(request);
    const begun = performance.now();
    const done = (more: Attributes): void => metrics.took({ ...about.attributes, ...more }, performance.now() - begun);
    try {
      const answer = await tracer.around(
        { about, kind: 'CLIENT' },
        () => models.call(request, options),
        (span, given) => {
          const named = aboutNamedModel(request, given);
          span.set({ ...named.attributes, ...aboutModelAnswer(given) });
          span.name = named.name;
        },
      );
      Object.assign(about.attributes, aboutNamedModel(request, answer).attributes);
      done(aboutModelAnswer(answer));
      metrics.used(about.attributes, answer);
      return answer;
    } catch (thrown) {
      done({ [ERROR_TYPE]: thrown instanceof NodeFailure ? thrown.kind : 'error' });
      throw thrown;
    }
  };
  // Not a copy: the models are an object of a class.
  return new Proxy(models, {
    get: (target, name) => {
      if (name === 'call') return call;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** What the metrics of a call are told apart by. */
const LABELS = [
  'gen_ai.operation.name',
  'gen_ai.provider.name',
  'gen_ai.request.model',
  'gen_ai.response.model',
  ERROR_TYPE,
];
/** The bounds that the conventions advise. */
const SECONDS = Array.from({ length: 14 }, (_, power) => 0.01 * 2 ** power);
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);

class ModelMetrics {
  readonly #duration = new Histogram(
    { name: OPERATION_DURATION, help: 'How long calls of models took.', labels: LABELS },
    SECONDS,
  );
  readonly #tokens = new Histogram(
    { name: TOKEN_USAGE, help: 'Tokens of calls of models.', labels: [...LABELS, 'gen_ai.token.type'] },
    TOKENS,
  );

  constructor(list: MetricList) {
    list.add(this.#duration, 's');
    list.add(this.#tokens, '{token}');
  }

  took(about: Attributes, ms: number): void {
    this.#duration.observe(ms / 1_000, ...labelsOf(about));
  }

  used(about: Attributes, answer: ModelAnswer): void {
    const labels = labelsOf({ ...about, ...aboutModelAnswer(answer) });
    this.#tokens.observe(answer.usage.inputTokens, ...labels, 'input');
    this.#tokens.observe(answer.usage.outputTokens, ...labels, 'output');
  }
}

function labelsOf(about: Attributes): readonly string[] {
  return LABELS.map((name) => String(about[name] ?? ''));
}
