import { canonicalJson } from '../../core/json.js';
import { errorMessage, isErrandError } from '../../core/errors.js';
import { Mutex } from '../../core/mutex.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Store } from '../../core/ports/store/store.js';
import { readScheduleFields, SCHEDULE_DEFAULTS } from '../../core/schedules/schedule-fields.js';
import type { Schedule, ScheduleSettings } from '../../core/schedules/schedule.js';
import { parseMoment } from '../../core/time/moment.js';
import type { ScheduleDefinition } from '../../core/workflow/definition.js';
import { DEFAULT_ORGANIZATION } from '../organizations/bootstrap.js';
import { nextOf, withSettings } from '../schedules/schedules.js';
import type { Catalog } from '../state/catalog.js';
import type { Changes } from '../state/changes.js';
import { uuidOf } from '../use-case/uuid-of.js';

export interface DeclaredSchedulesOptions {
  readonly store: Pick<Store, 'schedules' | 'organizations'>;
  readonly catalog: Pick<Catalog, 'listEveryones' | 'get' | 'onChanged'>;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A schedule as a file has it, and whose it is. */
interface Declared {
  readonly id: string;
  readonly organizationId: string;
  readonly settings: ScheduleSettings;
}

/**
 * Keeps the schedules that stand in files of workflows as the files have them. One keeps its id, its next time and what
 * became of its latest for as long as its name stays.
 */
export class DeclaredSchedules {
  readonly #options: DeclaredSchedulesOptions;
  readonly #turns = new Mutex();
  #unsubscribe: () => void = () => undefined;

  constructor(options: DeclaredSchedulesOptions) {
    this.#options = options;
  }

  /** Resolves once what was loaded is kept, so that nothing starts by what a file said earlier. */
  async start(): Promise<void> {
    this.#unsubscribe = this.#options.catalog.onChanged(() => void this.#syncSafely());
    await this.#syncSafely();
  }

  /** Resolves once what is under way has ended. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#turns.take(async () => undefined);
  }

  async #syncSafely(): Promise<void> {
    try {
      await this.#turns.take(() => this.#sync());
    } catch (error) {
      this.#options.logger.error({ error: errorMessage(error) }, 'The schedules of workflow files could not be kept');
    }
  }

  async #sync(): Promise<void> {
    const { store, changes } = this.#options;
    const declared = await this.#listDeclared();
    const kept = new Map((await store.schedules.listDeclared()).map((schedule) => [schedule.id, schedule]));
    for (const each of declared) await this.#keep(each, kept.get(each.id));
    const names = new Set(declared.map(({ id }) => id));
    for (const { id, organizationId } of kept.values())
      if (!names.has(id)) await store.schedules.delete({ id, organizationId });
    changes.tell();
  }

  async #keep({ id, organizationId, settings }: Declared, before: Schedule | undefined): Promise<void> {
    const { store, clock } = this.#options;
    const now = clock.now();
    if (before !== undefined) {
      if (!isSame(before, settings)) await store.schedules.update(withSettings(before, settings, now));
      return;
    }
    const times = { createdAt: now, updatedAt: now, next: nextOf(settings, now), last: null };
    await store.schedules.insert({ ...settings, ...times, id, organizationId, isDeclared: true }).catch((error) => {
      // Another server with the same files was faster.
      if (!isErrandError(error) || error.code !== 'conflict') throw error;
    });
  }

  async #listDeclared(): Promise<Declared[]> {
    const found: Declared[] = [];
    const organizations = new Map<string, string | null>();
    const { catalog } = this.#options;
    for (const { plan, record } of catalog.listEveryones()) {
      for (const written of record.version.definition.schedules ?? []) {
        const { organization: slug = DEFAULT_ORGANIZATION } = written;
        const organizationId = plan.owner ?? organizations.get(slug) ?? (await this.#findOrganization(slug));
        if (plan.owner === null) organizations.set(slug, organizationId);
        const settings = toSettings(written, plan.workflowId);
        if (organizationId === null) this.#warn(slug, settings);
        // What an organization's own workflow hides from it starts nothing there: the id is the own one's.
        else if (catalog.get(plan.workflowId, organizationId)?.plan.key === plan.key)
          found.push({ id: toId(organizationId, settings), organizationId, settings });
      }
    }
    return found;
  }

  async #findOrganization(slug: string): Promise<string | null> {
    return (await this.#options.store.organizations.find({ slug }))?.id ?? null;
  }

  #warn(organization: string, { workflowId: workflow, name: schedule }: ScheduleSettings): void {
    const message = 'A workflow file has a schedule of an organization that does not exist; it starts nothing';
    this.#options.logger.warn({ organization, workflow, schedule }, message);
  }
}

function toSettings(written: ScheduleDefinition, workflowId: string): ScheduleSettings {
  const { organization: _, name = written.cron, cron, ...fields } = written;
  return {
    ...SCHEDULE_DEFAULTS,
    ...readScheduleFields(fields, (_field, text) => parseMoment(text)),
    name: name.trim(),
    cron,
    workflowId,
  };
}

function isSame(before: Schedule, settings: ScheduleSettings): boolean {
  return (Object.keys(settings) as (keyof ScheduleSettings)[]).every(
    (field) => canonicalJson(before[field]) === canonicalJson(settings[field]),
  );
}

const toId = (organizationId: string, { workflowId, name }: ScheduleSettings): string =>
  uuidOf(['schedule', organizationId, workflowId, name]);
