import { startRun, untilRun } from './runs.mjs';

/** A run that has completed with an output, and one with five agents at work. */
export async function makeRuns({ url, key }) {
  const completed = await startRun({ url, key, workflow: 'quick', input: { url: 'https://example.org' } });
  await untilRun({ url, key, id: completed }, ({ status }) => status === 'completed');
  const running = await startRun({ url, key, workflow: 'five_agents' });
  await untilRun({ url, key, id: running }, ({ nodes }) => nodes.every(({ findings }) => findings !== null));
  return { completed, running };
}
