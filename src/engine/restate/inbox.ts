/**
 * What is said to runs, whichever process drives them: it is in the store before anybody acts on it, and stays there
 * until it is settled. Then the driver of the run is told, or, where none is known, Restate is asked to call for the run.
 */
import { type Clock, type NewId, pause } from '../../core/ports/clock.js';
import { errorMessage } from '../../core/errors.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Mail, MailBody, MailStore, WantedRun } from '../../core/ports/store/drive-store.js';
import type { RunKey, RunStore } from '../../core/ports/store/run-store.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import { isOrphan } from '../../runner/open/orphans.js';
import type { DrivenRun } from '../drives/driven-run.js';
import type { RunDrives } from '../drives/run-drives.js';
import { ANSWER_REFUSALS, notCancelled, leaving } from '../drives/refusals.js';
import { Gather } from '../../core/time/gather.js';

export interface InboxOptions {
  readonly mail: MailStore;
  readonly runs: Pick<RunStore, 'get'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  /** Has Restate make a call for a run; where that fails, the next look asks again. */
  readonly wake: (run: WantedRun) => void;
  readonly hints: MailHints;
}

/** What processes tell each other at once, and may be lost. */
export interface MailHints {
  mailSent(runId: string): void;
  onMail(listener: (runId: string) => void): void;
}

type Answer = Extract<MailBody, { readonly kind: 'answer' }>;
type Cancel = Extract<MailBody, { readonly kind: 'cancel' }>;

const ORPHANED = { reason: 'the run that started it has ended' };

/** For so long at most somebody waits for what comes of a cancel or an answer. */
const WAIT_MS = 30_000;
const FIRST_ASK_MS = 20;
const LAST_ASK_MS = 500;
const PER_LOOK = 500;
/** Mail that nobody has heard of for so long needs a call. */
const STRAY_MS = 1_000;
const WOKEN_MS = 3_000;
/** What came of mail is kept for whoever sent it, who may have died. */
const KEEP_MS = 300_000;
const PURGE_EVERY_MS = 60_000;
const SEND_TOGETHER = 200;

export class Inbox {
  readonly #options: InboxOptions;
  readonly #sending: Gather<Omit<Mail, 'isRepeated'>>;
  /** The ids of cancels and news that drivers of this process were given, by run. */
  readonly #given = new Map<string, string[]>();
  /** The ids of answers that drivers of this process have. */
  readonly #answering = new Set<string>();
  /** Which runs calls were asked for, and when. */
  readonly #woken = new Map<string, number>();
  #purgeAt = 0;
  #drives: RunDrives | null = null;

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#sending = new Gather({ most: SEND_TOGETHER, atOnce: 2, work: (mail) => options.mail.send(mail) });
    options.hints.onMail((runId) => void this.#fetch(runId).catch(() => undefined));
  }

  driveWith(drives: RunDrives): void {
    this.#drives = drives;
  }

  /** Resolves once it is durable; gives its id. */
  async send({ organizationId, runId }: RunKey, body: MailBody): Promise<string> {
    const { newId, clock } = this.#options;
    const mail = { id: newId(), organizationId, runId, at: clock.now(), body };
    await this.#sending.add(mail);
    const driven = this.#drives?.get(runId);
    if (driven === undefined) this.tell(mail);
    else this.deliver(driven, [{ ...mail, isRepeated: false }]);
    return mail.id;
  }

  /** That there is mail for a run. Where this comes to nothing, the next look finds it. */
  tell(run: RunKey): void {
    if (this.#drives?.get(run.runId) === undefined) {
      this.#options.hints.mailSent(run.runId);
      this.#wake(run);
    } else void this.#fetch(run.runId).catch(() => undefined);
  }

  /** Ends a run as cancelled, wherever it is driven. */
  async cancel(run: Run, order: Omit<Cancel, 'kind'>): Promise<Run> {
    const key = { organizationId: run.organizationId, runId: run.id };
    await this.send(key, { kind: 'cancel', ...order });
    const ended = await this.#until(async () => {
      const now = await this.#options.runs.get(key);
      return now === null || isTerminal(now.status) ? (now ?? run) : null;
    });
    if (ended === null) throw leaving();
    if (ended.status !== 'cancelled') throw notCancelled(ended);
    return ended;
  }

  async answer(key: RunKey, answer: Omit<Answer, 'kind'>): Promise<void> {
    const { mail, runs } = this.#options;
    const run = await runs.get(key);
    if (run === null || isTerminal(run.status)) throw ANSWER_REFUSALS.not_waiting();
    const id = await this.send(key, { kind: 'answer', ...answer });
    const verdict = await this.#until(async () => {
      const found = await mail.findVerdict({ id });
      return found === undefined ? 'left' : found;
    });
    await mail.remove({ ids: [id] });
    if (verdict === 'accepted') return;
    throw ANSWER_REFUSALS[verdict === 'not_waiting' || verdict === 'asks_another' ? verdict : 'left']();
  }

  /** What these runs were sent and no driver of this process was given. */
  async collect(runIds: readonly string[]): Promise<readonly Mail[]> {
    if (runIds.length === 0) return [];
    return (await this.#options.mail.list({ runIds, limit: PER_LOOK })).filter((mail) => !this.#isGiven(mail));
  }

  /**
   * Likewise, before these runs are driven: their answers are marked as given. A driver that finds none may be gone
   * before one that comes later is marked, and the next as well.
   */
  async take(runIds: readonly string[]): Promise<readonly Mail[]> {
    const mail = await this.collect(runIds);
    const answers = mail.filter(({ body }) => body.kind === 'answer').map(({ id }) => id);
    if (answers.length === 0) return mail;
    for (const id of answers) this.#answering.add(id);
    try {
      await this.#options.mail.markGiven({ ids: answers, isGiven: true });
      return mail;
    } catch (error) {
      for (const id of answers) this.#answering.delete(id);
      throw error;
    }
  }

  /** Tells a driver what of the mail that was taken is for its run. Null: the run is not driven after all. */
  deliverTaken(runId: string, driven: DrivenRun | null, mail: readonly Mail[]): void {
    for (const one of mail) {
      const { body } = one;
      if (one.runId !== runId) continue;
      if (body.kind !== 'answer') {
        if (driven !== null && !this.#isGiven(one)) this.#give(driven, one, body);
      } else if (driven === null) void this.#giveBack(one);
      else this.#hand(driven, one, body);
    }
  }

  /** Tells a driver what of this is for its run. */
  deliver(driven: DrivenRun, mail: readonly Mail[]): void {
    for (const one of mail) {
      const { body } = one;
      if (one.runId !== driven.key.id || this.#isGiven(one)) continue;
      if (body.kind === 'answer') void this.#deliverAnswer(driven, one, body);
      else this.#give(driven, one, body);
    }
  }

  #give(driven: DrivenRun, one: Mail, body: Exclude<MailBody, Answer>): void {
    this.#given.set(one.runId, [...(this.#given.get(one.runId) ?? []), one.id]);
    if (body.kind === 'look') driven.mailbox.haveLook();
    else if (body.kind === 'orphaned') void this.#cancelOrphan(driven).catch(() => this.release(one.runId));
    else this.#cancelHere(driven, body);
  }

  #cancelHere(driven: DrivenRun, { reason, audit }: Omit<Cancel, 'kind'>): void {
    driven.mailbox.cancel(reason, audit);
    this.#drives?.hear(driven);
  }

  /** The mail may be old: the run may have been taken up again since, with the one that started it. */
  async #cancelOrphan(driven: DrivenRun): Promise<void> {
    const { runs } = this.#options;
    const { organizationId, id: runId } = driven.key;
    const run = await runs.get({ organizationId, runId });
    if (run !== null && (await isOrphan({ runs }, run))) this.#cancelHere(driven, ORPHANED);
  }

  /** Once what these runs were given has been taken in. */
  async forget(runIds: readonly string[]): Promise<void> {
    const ids = runIds.flatMap((runId) => this.#given.get(runId) ?? []);
    if (ids.length > 0) await this.#options.mail.remove({ ids });
    for (const runId of runIds) this.#given.delete(runId);
  }

  /** Once its driver, which was given mail, has lost the run: it is for the next. */
  release(runId: string): void {
    this.#given.delete(runId);
  }

  /** Finds what no notice has told of: the truth, however slow. */
  async look(): Promise<void> {
    const { mail, clock } = this.#options;
    const now = clock.now();
    for (const [runId, at] of this.#woken) if (at < now - WOKEN_MS) this.#woken.delete(runId);
    const strays: Mail[] = [];
    for (const one of await mail.list({ runIds: null, limit: PER_LOOK })) {
      const driven = this.#drives?.get(one.runId);
      if (driven !== undefined) this.deliver(driven, [one]);
      else if (one.at <= now - STRAY_MS && !this.#woken.has(one.runId)) strays.push(one);
    }
    for (const stray of strays) await this.#bringHome(stray);
    if (now < this.#purgeAt) return;
    this.#purgeAt = now + PURGE_EVERY_MS;
    await mail.purge({ before: now - KEEP_MS });
  }

  /** Another process says that there is mail for a run. */
  async #fetch(runId: string): Promise<void> {
    if (this.#drives?.get(runId) === undefined) return;
    const mail = await this.collect([runId]);
    const driven = this.#drives.get(runId);
    if (driven !== undefined) this.deliver(driven, mail);
  }

  #isGiven({ id, runId }: Mail): boolean {
    return this.#answering.has(id) || this.#given.get(runId)?.includes(id) === true;
  }

  async #bringHome(stray: Mail): Promise<void> {
    const { runs, mail } = this.#options;
    const run = await runs.get(stray);
    if (run !== null && !isTerminal(run.status)) this.#wake(stray);
    else if (stray.body.kind === 'answer') {
      await mail.settle({ id: stray.id, verdict: stray.isRepeated ? 'left' : 'not_waiting' });
    } else await mail.remove({ ids: [stray.id] });
  }

  #wake({ runId, organizationId }: RunKey): void {
    this.#woken.set(runId, this.#options.clock.now());
    this.#options.wake({ runId, organizationId, epoch: null });
  }

  async #deliverAnswer(driven: DrivenRun, one: Mail, answer: Answer): Promise<void> {
    const { mail, logger } = this.#options;
    this.#answering.add(one.id);
    try {
      await mail.markGiven({ ids: [one.id], isGiven: true });
    } catch (error) {
      this.#answering.delete(one.id);
      logger.warn({ runId: one.runId, error: errorMessage(error) }, 'An answer could not be taken; it will be');
      return;
    }
    const now = this.#drives?.get(one.runId);
    if (now === undefined || now.mailbox !== driven.mailbox) {
      await this.#giveBack(one);
      this.#wake(one);
    } else this.#hand(now, one, answer);
  }

  /** For another driver. Where this fails, it counts as given: its sender is told that nobody knows what came of it. */
  async #giveBack({ id, isRepeated }: Mail): Promise<void> {
    await this.#options.mail.markGiven({ ids: [id], isGiven: isRepeated }).catch(() => undefined);
    this.#answering.delete(id);
  }

  /** An answer that is marked as given. */
  #hand(driven: DrivenRun, one: Mail, { nodeId, question, answer, audit }: Answer): void {
    driven.mailbox.deliverAnswer({
      nodeId,
      question,
      answer,
      audit,
      accept: () => void this.#settle(one, 'accepted'),
      refuse: (reason) => {
        if (reason === 'left') this.#answering.delete(one.id);
        // An earlier driver was given it: that this one finds nobody waiting may be that one's doing.
        else void this.#settle(one, one.isRepeated && reason === 'not_waiting' ? 'left' : reason);
      },
    });
    this.#drives?.hear(driven);
  }

  async #settle({ id }: Mail, verdict: string): Promise<void> {
    const { mail, clock } = this.#options;
    for (let left = 10; left > 0; left -= 1) {
      try {
        await mail.settle({ id, verdict });
        break;
      } catch {
        await pause(clock, LAST_ASK_MS);
      }
    }
    this.#answering.delete(id);
  }

  /** Asks until it is known; null when that takes too long. */
  async #until<T>(ask: () => Promise<T | null>): Promise<T | null> {
    const { clock } = this.#options;
    const end = clock.now() + WAIT_MS;
    for (let delayMs = FIRST_ASK_MS; clock.now() < end; delayMs = Math.min(2 * delayMs, LAST_ASK_MS)) {
      await pause(clock, delayMs);
      const found = await ask();
      if (found !== null) return found;
    }
    return null;
  }
}
