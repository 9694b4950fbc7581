import { until } from '../lib/until.mjs';

/** Starts a run over the REST API and gives its id, a UUID. */
export async function startRun({ url, key, workflow, input = {} }) {
  const response = await fetch(`${url}/api/v1/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ workflow_id: workflow, input }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The run of ${workflow} was refused: ${text}`);
  return JSON.parse(text).run_id.slice('run_'.length);
}

export async function untilRun({ url, key, id }, holds) {
  await until(async () => {
    const response = await fetch(`${url}/api/v1/runs/run_${id}`, { headers: { authorization: `Bearer ${key}` } });
    return holds(await response.json());
  }, 30_000);
}
