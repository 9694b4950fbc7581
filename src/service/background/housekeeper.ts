import { pause, type Clock } from '../../core/ports/clock.js';
import { errorMessage } from '../../core/errors.js';
import type { Logger } from '../../core/ports/logger.js';
import { dayOf, KEPT_DAYS } from '../../core/estimates/run-days.js';
import { ENDED_STATUSES, resolveRetention, type EndedStatus, type RetentionRule } from '../../core/run/retention.js';
import type { Organization } from '../../core/tenant/organization.js';
import type { Store } from '../../core/ports/store/store.js';
import { expireAudit } from '../audit/expire.js';
import type { BundleSweeper } from './bundle-sweeper.js';

export interface HousekeeperOptions {
  readonly store: Pick<Store, 'organizations' | 'runs' | 'retention' | 'days' | 'oauth' | 'transaction'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** For organizations that have no rules of their own. */
  readonly retention: RetentionRule;
  /** How long entries of audit trails are kept; for ever when not given. */
  readonly keepAuditForMs?: number | null;
  /** Goes round after each pass, as what was removed may have been all that code was kept for. */
  readonly sweeper?: Pick<BundleSweeper, 'sweep' | 'stop'>;
}

/** One transaction removes at most so many runs, or so many rows of logs. */
const RUNS_PER_STEP = 25;
/** Each may have 1.5 MB. */
const LOG_ROWS_PER_STEP = 25;
const OAUTH_ROWS_PER_STEP = 500;
const DAY_ROWS_PER_STEP = 500;
/** Codes and tokens that have expired are still told from unknown ones for a while. */
const KEEP_EXPIRED_MS = 3_600_000;
/** Between two transactions others get their turn. */
const PAUSE_MS = 10;
const PASS_EVERY_MS = 60_000;
const ORGANIZATIONS_PER_PAGE = 100;

/** Removes what is not to be kept any more, in steps so small that nobody notices. */
export class Housekeeper {
  readonly #options: HousekeeperOptions;
  #cancelNext: () => void = () => undefined;
  #pass: Promise<unknown> = Promise.resolve();
  #stopped = false;
  /** The day on which figures of old days were last removed. */
  #tidiedOn: number | null = null;

  constructor(options: HousekeeperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#cancelNext = this.#options.clock.schedule(PASS_EVERY_MS, () => {
      this.#pass = this.runOnce()
        .catch((error: unknown) => {
          this.#options.logger.error(
            { error: errorMessage(error) },
            'Old runs and code could not be removed; trying again',
          );
        })
        .finally(() => {
          if (!this.#stopped) this.start();
        });
    });
  }

  /** Resolves once the step that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#options.sweeper?.stop();
    this.#cancelNext();
    await this.#pass;
  }

  /** One pass over all organizations. */
  async runOnce(): Promise<{ readonly deleted: number }> {
    const { store } = this.#options;
    let deleted = 0;
    for (let offset = 0; !this.#stopped; offset += ORGANIZATIONS_PER_PAGE) {
      const { organizations } = await store.organizations.list({ limit: ORGANIZATIONS_PER_PAGE, offset });
      for (const organization of organizations) deleted += await this.#tidy(organization);
      if (organizations.length < ORGANIZATIONS_PER_PAGE) break;
    }
    while (!this.#stopped && (await store.retention.purge({ limit: LOG_ROWS_PER_STEP })))
      await pause(this.#options.clock, PAUSE_MS);
    const before = this.#options.clock.now() - KEEP_EXPIRED_MS;
    while (!this.#stopped && (await store.oauth.purge({ before, limit: OAUTH_ROWS_PER_STEP })))
      await pause(this.#options.clock, PAUSE_MS);
    await this.#tidyDays();
    if (deleted > 0) this.#options.logger.info({ runs: deleted }, 'Old runs were removed');
    if (!this.#stopped) await this.#options.sweeper?.sweep();
    return { deleted };
  }

  async #tidy({ id, settings }: Organization): Promise<number> {
    await this.#tidyAudit(id);
    let deleted = 0;
    for (const status of ENDED_STATUSES) {
      const rule = resolveRetention({ server: this.#options.retention, organization: settings?.retention, status });
      if (rule.keepForMs === null && rule.keep === null) continue;
      deleted += await this.#deleteOld(id, status, rule);
    }
    return deleted;
  }

  /** Once a day: no more has to go before the next. */
  async #tidyDays(): Promise<void> {
    const { store, clock } = this.#options;
    const today = dayOf(clock.now());
    if (today === this.#tidiedOn) return;
    const beforeDay = today - KEPT_DAYS + 1;
    while (!this.#stopped && (await store.days.purge({ beforeDay, limit: DAY_ROWS_PER_STEP })))
      await pause(clock, PAUSE_MS);
    this.#tidiedOn = today;
  }

  async #tidyAudit(organizationId: string): Promise<void> {
    const { store, clock, keepAuditForMs: keepForMs = null } = this.#options;
    if (keepForMs === null) return;
    while (!this.#stopped && (await expireAudit({ store, clock }, { organizationId, keepForMs })))
      await pause(clock, PAUSE_MS);
  }

  async #deleteOld(organizationId: string, status: EndedStatus, rule: RetentionRule): Promise<number> {
    const { store, clock } = this.#options;
    const endOf = rule.keepForMs === null ? Number.NEGATIVE_INFINITY : clock.now() - rule.keepForMs;
    let excess = rule.keep === null ? 0 : (await this.#count(organizationId, status)) - rule.keep;
    let deleted = 0;
    for (let afterId: string | null = null; !this.#stopped;) {
      const runs = await store.retention.listEnded({ organizationId, status, afterId, limit: RUNS_PER_STEP });
      const last = runs.at(-1);
      if (last === undefined) break;
      const surplus = runs.slice(0, Math.max(0, excess));
      const tooOld = runs.slice(surplus.length).filter(({ completedAt }) => completedAt <= endOf);
      deleted += await this.#delete(organizationId, surplus, null);
      deleted += await this.#delete(organizationId, tooOld, endOf);
      excess -= surplus.length;
      afterId = last.id;
      // Runs that were made later have ended later, too.
      if (excess <= 0 && last.createdAt > endOf) break;
      await pause(this.#options.clock, PAUSE_MS);
    }
    return deleted;
  }

  async #delete(organizationId: string, runs: readonly { id: string }[], completedBefore: number | null) {
    if (runs.length === 0) return 0;
    return this.#options.store.retention.deleteRuns({
      organizationId,
      runIds: runs.map(({ id }) => id),
      completedBefore,
    });
  }

  async #count(organizationId: string, status: EndedStatus): Promise<number> {
    return (await this.#options.store.runs.list({ organizationId, status, limit: 1, offset: 0 })).total;
  }
}
