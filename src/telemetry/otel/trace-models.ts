import type { Attributes, Histogram } from '@opentelemetry/api';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import type { ModelAnswer, Models } from '../../core/models/models.js';
import {
  aboutModelAnswer,
  aboutModelCall,
  aboutNamedModel,
  ERROR_TYPE,
  modelMetricLabels,
  OPERATION_DURATION,
  TOKEN_USAGE,
} from './conventions.js';
import type { Otel } from './otel.js';
import type { Tracer } from './tracer.js';

/** The same models; calls of theirs have spans, and are measured as GenAI's conventions want it. */
export function traceModels<M extends Models>(models: M, otel: Otel, tracer: Tracer): M {
  const metrics = new ModelMetrics(otel);
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
          span.setAttributes({ ...named.attributes, ...aboutModelAnswer(given) });
          span.updateName(named.name);
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

class ModelMetrics {
  readonly #duration: Histogram;
  readonly #tokens: Histogram;

  constructor({ api, version }: Otel) {
    const meter = api.metrics.getMeter('errand', version);
    this.#duration = meter.createHistogram(OPERATION_DURATION, {
      unit: 's',
      description: 'How long calls of models took.',
    });
    this.#tokens = meter.createHistogram(TOKEN_USAGE, { unit: '{token}', description: 'Tokens of calls of models.' });
  }

  took(about: Attributes, ms: number): void {
    this.#duration.record(ms / 1_000, modelMetricLabels(about));
  }

  used(about: Attributes, answer: ModelAnswer): void {
    const labels = modelMetricLabels({ ...about, ...aboutModelAnswer(answer) });
    this.#tokens.record(answer.usage.inputTokens, { ...labels, 'gen_ai.token.type': 'input' });
    this.#tokens.record(answer.usage.outputTokens, { ...labels, 'gen_ai.token.type': 'output' });
  }
}
