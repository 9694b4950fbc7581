import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../core/ports/clock.js';
import { isErrandError } from '../core/errors.js';
import type { HostRange, OutboundFetch } from '../core/ports/outbound.js';
import type { Logger } from '../core/ports/logger.js';
import type { ModelDirectory, ModelsDescription, ModelTest } from '../core/models/model-directory.js';
import type { ModelAnswer, ModelCallOptions, ModelRequest } from '../core/models/models.js';
import type { ModelsConfig } from '../core/models/models-config.js';
import { NodeFailure } from '../core/handlers/node-kind.js';
import { askModel } from './calls/ask-model.js';
import { CallGate, type GatePlace } from './calls/call-gate.js';
import { describeModels } from './catalogue/describe-models.js';
import { createFileFetcher, type FetchFile } from './files/fetch-file.js';
import { shouldTryNext, allModelsFailed } from './calls/fallback.js';
import { type Environment, ModelCatalog, type Target } from './catalogue/model-catalog.js';
import { findPrice, loadPrices, type PriceList } from './catalogue/prices.js';
import { modelFailure } from './provider/to-failure.js';

export interface CreateModelsParams {
  readonly config: ModelsConfig;
  /** Where keys, addresses and the default model are looked up. */
  readonly env: Environment;
  /** An organization's own key for a provider, which goes before the environment's; null when it has none. */
  readonly credentialOf: (provider: string, organizationId: string) => Promise<string | null>;
  /** Those that come with the program when not given. */
  readonly prices?: PriceList;
  /** Folders for which packages of other providers may be installed, beside this program itself. */
  readonly packagesFrom?: readonly string[];
  /** Where files are fetched from that a model cannot fetch itself; `public` when not given. */
  readonly filesFrom?: HostRange;
  readonly fetch: OutboundFetch;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ConfiguredModels extends ModelDirectory {
  /** Goes on with another models.yaml. What providers asked for holds on, and calls under way are not disturbed. */
  configure(config: ModelsConfig): void;
}

export function createModels(params: CreateModelsParams): ConfiguredModels {
  return new SdkModels(params);
}

/** Keys of organizations are told apart without being kept. */
function hashAccount(key: string | null): string {
  return key === null ? 'none' : createHash('sha256').update(key).digest('base64url').slice(0, 16);
}

class SdkModels implements ConfiguredModels {
  readonly #params: CreateModelsParams;
  readonly #packagesFrom: readonly string[];
  readonly #gate: CallGate;
  readonly #fetchFile: FetchFile;
  #config: ModelsConfig;
  #book: ModelCatalog;
  #shippedPrices: Promise<PriceList> | null = null;

  constructor(params: CreateModelsParams) {
    this.#params = params;
    this.#packagesFrom = [...(params.packagesFrom ?? []), fileURLToPath(new URL('.', import.meta.url))];
    this.#gate = new CallGate(params.clock);
    this.#fetchFile = createFileFetcher({
      fetch: params.fetch,
      hosts: params.filesFrom ?? 'public',
      clock: params.clock,
    });
    this.#config = params.config;
    this.#book = this.#bookOf(params.config);
  }

  configure(config: ModelsConfig): void {
    this.#config = config;
    this.#book = this.#bookOf(config);
  }

  call(request: ModelRequest, options: ModelCallOptions): Promise<ModelAnswer> {
    return this.#callFirst(request, options, true);
  }

  /**
   * Asks the first model that can be asked. `closesGate`: whether what a provider says about its limits holds for
   * others too.
   */
  async #callFirst(request: ModelRequest, options: ModelCallOptions, closesGate: boolean): Promise<ModelAnswer> {
    const targets = this.#book.resolve(request.models);
    // A node may ask many at once under its one signal; Node takes more than ten listeners for a leak.
    setMaxListeners(0, options.signal);
    const failures: NodeFailure[] = [];
    for (const target of targets) {
      try {
        return await this.#ask({ target, request, options, closesGate });
      } catch (failure) {
        if (options.signal.aborted || !(failure instanceof NodeFailure)) throw failure;
        failures.push(failure);
        if (!shouldTryNext(failure)) break;
        this.#params.logger.debug({ model: target.fullName, kind: failure.kind }, failure.message);
      }
    }
    throw allModelsFailed(failures);
  }

  async explainUnusable(params: {
    readonly models: readonly string[];
    readonly organizationId: string;
    readonly onlyOwn?: boolean;
  }): Promise<string | null> {
    let targets: readonly Target[];
    try {
      targets = this.#book.resolve(params.models);
    } catch (failure) {
      if (failure instanceof NodeFailure) return failure.message;
      throw failure;
    }
    const reasons = new Set<string>();
    for (const target of targets) {
      const reason = await this.#explain(target, params);
      if (reason === null) return null;
      reasons.add(reason);
    }
    return reasons.size === 0 ? 'No model is named' : [...reasons].join('. ');
  }

  async describe(organizationId: string | null): Promise<ModelsDescription> {
    return describeModels({
      book: this.#book,
      keyFor: (target) => this.#keyFor(target, organizationId),
      isOwn: async (target) =>
        organizationId !== null && (await this.#params.credentialOf(target.name, organizationId)) !== null,
      priceLists: await this.#priceLists(),
    });
  }

  async test(params: Parameters<ModelDirectory['test']>[0]): Promise<ModelTest> {
    const begun = this.#params.clock.now();
    const request: ModelRequest = {
      models: [params.model],
      system: null,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Answer with the word: ok' }] }],
    };
    try {
      const { model, usage } = await this.#callFirst(request, params, false);
      return { ok: true, model, usage, ms: this.#params.clock.now() - begun };
    } catch (failure) {
      if (params.signal.aborted) throw params.signal.reason;
      if (failure instanceof NodeFailure) return { ok: false, kind: failure.kind, message: failure.message };
      if (isErrandError(failure)) return { ok: false, kind: failure.code, message: failure.message };
      throw failure;
    }
  }

  async #ask(params: {
    readonly target: Target;
    readonly request: ModelRequest;
    readonly options: ModelCallOptions;
    readonly closesGate: boolean;
  }): Promise<ModelAnswer> {
    const { target, options, closesGate } = params;
    const { fetch, clock, logger } = this.#params;
    const key = await this.#keyFor(target, options.organizationId, options.onlyOwn);
    const lacking = await this.#explain(target, options);
    if (lacking !== null) throw modelFailure('model_not_configured', lacking);
    const price = findPrice(target.fullName, await this.#priceLists());
    const place: GatePlace = {
      name: target.fullName,
      provider: target.name,
      model: target.model,
      account: hashAccount(key),
    };
    const leave = await this.#gate.enter({
      place,
      limits: target.provider,
      organizationId: options.organizationId,
      signal: options.signal,
    });
    try {
      return await askModel({
        ...params,
        key,
        price,
        packagesFrom: this.#packagesFrom,
        fetch,
        fetchFile: this.#fetchFile,
        clock,
        logger,
        onLost: (usage) => options.onLost?.({ ...usage, model: target.fullName }),
      });
    } catch (failure) {
      const isLimited = failure instanceof NodeFailure && failure.kind === 'model_rate_limited';
      if (closesGate && isLimited && failure.retryAfterMs !== null) this.#gate.close(place, failure.retryAfterMs);
      throw failure;
    } finally {
      leave();
    }
  }

  async #explain(
    target: Target,
    { organizationId, onlyOwn }: { readonly organizationId: string; readonly onlyOwn?: boolean },
  ): Promise<string | null> {
    const key = await this.#keyFor(target, organizationId, onlyOwn);
    if (onlyOwn !== true || key !== null) return this.#book.explain(target, key);
    return `The organization has no credential of its own for "${target.name}": errand models set-key ${target.name}`;
  }

  async #keyFor(target: Target, organizationId: string | null, onlyOwn = false): Promise<string | null> {
    const own = organizationId === null ? null : await this.#params.credentialOf(target.name, organizationId);
    return own ?? (onlyOwn ? null : this.#book.keyOf(target));
  }

  #bookOf(config: ModelsConfig): ModelCatalog {
    return new ModelCatalog({ config, env: this.#params.env, packagesFrom: this.#packagesFrom });
  }

  async #priceLists(): Promise<readonly PriceList[]> {
    const given = this.#params.prices;
    if (given === undefined) this.#shippedPrices ??= loadPrices();
    return [this.#config.prices, given ?? (await this.#shippedPrices) ?? new Map()];
  }
}
