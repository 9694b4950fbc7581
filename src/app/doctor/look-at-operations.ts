import type { ApiSystem } from '../../api/system-types.js';
import { errorMessage } from '../../core/errors.js';
import type { Store } from '../../core/ports/store/store.js';
import type { Organization } from '../../core/tenant/organization.js';
import type { Findings } from './finding.js';

/** What a server at work is asked for. */
export interface Operations {
  readonly store: Pick<Store, 'organizations' | 'keys' | 'webhooks' | 'runs' | 'checkWritable' | 'readTime'>;
  readonly now: () => number;
  readonly readSystem: () => ApiSystem;
  /** What is wrong in the folder of workflows, as it was loaded last. */
  readonly readFaults: () => readonly string[];
  /** Why workflows of an organization cannot be started, by their ids. */
  readonly listNotReady: (organizationId: string) => Promise<ReadonlyMap<string, string>>;
}

/** Leases, schedules and tokens go by the clock. */
const WRONG_CLOCK_MS = 5_000;
const DAY_MS = 86_400_000;
/** Keys that expire sooner are told. */
const SOON_MS = 14 * DAY_MS;
/** A key that nobody has used for so long may expire. */
const UNUSED_MS = 30 * DAY_MS;
/** As many organizations are looked at. */
const MAX_ORGANIZATIONS = 200;
/** Among so many of the oldest runs that go on, one that waits for its turn is looked for. */
const OLDEST = 20;
const LONG_IN_QUEUE_MS = 60_000;

/** What of a server at work does not work: the store, the clock, the queue, workflows, webhooks, and keys that end soon. */
export async function lookAtOperations(operations: Operations, now: number, findings: Findings): Promise<void> {
  const { organizations, total } = await operations.store.organizations.list({ limit: MAX_ORGANIZATIONS, offset: 0 });
  if (total > organizations.length) {
    const message = `of ${total}, ${organizations.length} were looked at: see to the others with errand doctor server.`;
    findings.add('warning', 'organizations', message);
  }
  const looks = {
    store: () => lookAtStore(operations),
    clock: () => lookAtClock(operations, findings),
    queue: () => lookAtQueue(operations, now, findings),
    workflows: () => lookAtWorkflows(operations, organizations, findings),
    webhooks: () => lookAtWebhooks(operations, organizations, findings),
    keys: () => lookAtKeys(operations, { organizations, now }, findings),
  };
  for (const [name, look] of Object.entries(looks)) {
    try {
      findings.okUnlessTold(name, await look());
    } catch (error) {
      findings.add('fault', name, errorMessage(error));
    }
  }
}

/** All give what is said where nothing is wrong. */
async function lookAtStore({ store, readSystem }: Operations): Promise<string> {
  await store.checkWritable();
  return `${readSystem().store.kind} can be written`;
}

/** Whether the database goes by the same time; in a file, whether records are of a time that has not come yet. */
async function lookAtClock({ store, now }: Operations, findings: Findings): Promise<string> {
  const before = now();
  const { kind, at } = await store.readTime();
  const after = now();
  if (kind === 'newest') {
    const ahead = at === null ? 0 : at - after;
    if (ahead > WRONG_CLOCK_MS) {
      const message = `the newest run is of ${new Date(at ?? 0).toISOString()}, ${inSeconds(ahead)} from now`;
      findings.add('fault', 'clock', `${message}: the clock is wrong, or was. Set it by NTP.`);
    }
    return 'no run is of a time to come';
  }
  const off = Math.max(at - after, before - at);
  if (off > WRONG_CLOCK_MS) {
    const side = at > after ? 'ahead of' : 'behind';
    findings.add('fault', 'clock', `the database's is ${inSeconds(off)} ${side} this process's. Set both by NTP.`);
  }
  return "the database's and this process's agree";
}

function inSeconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}

async function lookAtQueue({ store, readSystem }: Operations, now: number, findings: Findings): Promise<string> {
  const { active, queued, max_active: max } = readSystem().runs;
  if (queued === 0) return `${active} of ${max} runs at work, and none waits for its turn`;
  const unfinished = await store.runs.listUnfinished({ afterId: null, limit: OLDEST });
  const oldest = unfinished.find(({ status }) => status === 'pending');
  const waited = oldest === undefined ? 0 : now - oldest.createdAt;
  const said = `${queued} runs wait for their turn, the oldest for ${Math.round(waited / 1_000)} s`;
  if (waited > LONG_IN_QUEUE_MS) {
    const hint =
      'Raise ERRAND_MAX_ACTIVE_RUNS or the limits of the organization, or give the server more to work with.';
    findings.add('warning', 'queue', `${said}; ${active} of ${max} are at work. ${hint}`);
  }
  return said;
}

async function lookAtWorkflows(
  { readFaults, listNotReady }: Operations,
  organizations: readonly Organization[],
  findings: Findings,
): Promise<string> {
  for (const fault of readFaults()) {
    findings.add('fault', 'workflows', `${fault}. Mend it: the server goes on with what it had before, if anything.`);
  }
  for (const { id, slug } of organizations) {
    for (const [workflow, why] of await listNotReady(id)) {
      findings.add('warning', 'workflows', `${workflow} cannot be started by ${slug}: ${why}`);
    }
  }
  return 'those of the folder are in order, and can be started';
}

async function lookAtWebhooks(
  { store }: Operations,
  organizations: readonly Organization[],
  findings: Findings,
): Promise<string> {
  const slugs = new Map(organizations.map(({ id, slug }) => [id, slug]));
  const webhooks = await store.webhooks.listAll();
  for (const { name, organizationId, disabledBecause: why } of webhooks) {
    if (why === null) continue;
    const whose = slugs.get(organizationId) ?? organizationId;
    findings.add('fault', 'webhooks', `${name} of ${whose} was switched off: ${why}. Mend the address, and enable it.`);
  }
  return `${webhooks.length}, and none was switched off`;
}

async function lookAtKeys(
  { store }: Operations,
  { organizations, now }: { readonly organizations: readonly Organization[]; readonly now: number },
  findings: Findings,
): Promise<string> {
  for (const { id, slug } of organizations) {
    for (const { name, hint, expiresAt, revokedAt, lastUsedAt } of await store.keys.list({ organizationId: id })) {
      const isUsed = lastUsedAt !== null && now - lastUsedAt < UNUSED_MS;
      if (!isUsed || revokedAt !== null || expiresAt === null || expiresAt < now || expiresAt > now + SOON_MS) continue;
      const days = Math.ceil((expiresAt - now) / DAY_MS);
      const message = `${name} (${hint}…) of ${slug} is in use and ends in ${days} ${days === 1 ? 'day' : 'days'}`;
      findings.add('warning', 'keys', `${message}. Make another, and hand it to who uses it.`);
    }
  }
  return 'none that is in use ends within 14 days';
}
