import { expect, it } from 'vitest';
import { nodeClock as clock } from '../../app/process/node-clock.js';
import { silentLogger as logger } from '../../core/ports/logger.js';
import type { DriveStore } from '../../core/ports/store/drive-store.js';
import type { BegunDrive } from '../../core/ports/store/run-store.js';
import { makeRun } from '../../testing/store-suite/fixtures.js';
import type { RunDrives } from '../drives/run-drives.js';
import { GivenCalls } from './given-calls.js';
import type { Inbox } from './inbox.js';

it('gives back, when it stops, runs that come to be its own only then: no crash of theirs is counted', async () => {
  const run = makeRun({ organizationId: 'o' });
  let claim: (begun: BegunDrive[]) => void = () => undefined;
  const claimed = new Promise<BegunDrive[]>((resolve) => (claim = resolve));
  const released: string[] = [];
  const store: Partial<DriveStore> = {
    claim: () => claimed,
    release: async ({ runs }) => void released.push(...runs.map(({ runId }) => runId)),
  };
  const calls = new GivenCalls({
    store: store as DriveStore,
    inbox: { take: async () => [], deliverTaken: () => undefined } as Partial<Inbox> as Inbox,
    clock,
    logger,
    maxCrashes: 3,
    canDrive: async () => true,
    wakeAt: async () => undefined,
  });
  // It is stopping, and admits nothing.
  calls.driveWith({ learn: () => null, get: () => undefined, admit: () => null } as Partial<RunDrives> as RunDrives);
  const wanted = [{ runId: run.id, organizationId: 'o', epoch: null }];
  const taken = calls.take({ id: 'inv_1', wanted, lost: new AbortController().signal });
  calls.drain();
  const stopped = calls.stop();
  claim([{ run, epoch: 2, crashes: 0 }]);
  await expect(taken).rejects.toThrow('stopping');
  await stopped;
  expect(released).toEqual([run.id]);
});
