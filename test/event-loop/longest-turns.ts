import type { MeasuredServer, Probe } from './measured-server.js';
import type { ProbeGroup } from './probes/probe-groups.js';

/** What is asked of every turn of the event loop. */
export const MAX_TURN_MS = 50;
/** What the meter's known work takes on a calm machine of the kind that the limit is for. */
const KNOWN_WORK_MS = 30;
/** A machine that is slower than this is of no use. */
const MAX_SLOWNESS = 3;
/** What is slow once may be the machine's doing, or the compiler's; what is slow each time is not. */
const TRIES = 10;

export interface SlowProbe {
  readonly name: string;
  readonly turnMs: number;
}

/**
 * Sends all probes of a group, and gives those that hold the event loop for too long, each time that they are tried, in
 * milliseconds of a calm machine.
 */
export async function findSlow(server: MeasuredServer, { name, probes }: ProbeGroup): Promise<readonly SlowProbe[]> {
  for (const probe of probes) await probe.send(server);
  const longest = await server.takeLongest();
  if (longest < MAX_TURN_MS) return [];
  if (longest / slowness(await server.doKnownWork(), await server.doKnownWork()) < MAX_TURN_MS) return [];
  const slow: SlowProbe[] = [];
  for (const probe of probes) {
    const turnMs = await shortestOf(server, probe);
    if (turnMs >= MAX_TURN_MS) slow.push({ name: `${name}: ${probe.name}`, turnMs: Math.round(turnMs) });
  }
  return slow;
}

async function shortestOf(server: MeasuredServer, probe: Probe): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES && shortest >= MAX_TURN_MS; tries++) {
    const before = await server.doKnownWork();
    await probe.send(server);
    const turnMs = await server.takeLongest();
    shortest = Math.min(shortest, turnMs / slowness(before, await server.doKnownWork()));
  }
  return shortest;
}

/** How many times longer everything takes, as others use the machine's caches and the other half of its cores. */
function slowness(...known: readonly number[]): number {
  return Math.min(MAX_SLOWNESS, Math.max(1, Math.min(...known) / KNOWN_WORK_MS));
}
