// What a program does with the client, wherever it runs: imported by Node, by Deno, by a page and by a worker.

/** Signed by `openssl dgst -sha256 -hmac 0123456789abcdef -binary | base64`. */
const MESSAGE = {
  secret: 'whsec_MDEyMzQ1Njc4OWFiY2RlZg==',
  body: '{"type":"run.completed","timestamp":"2026-11-28T10:00:00.000Z","data":{"text":"ü"}}',
  headers: {
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1795860000',
    'webhook-signature': 'v1,shrpnymhyk8gaqD9oHApg1WlwiwPhrbAR1ntiNlrh3E=',
  },
  toleranceSeconds: Infinity,
};

/** Gives what came of each step, as plain JSON. `errand`: the module. */
export async function useClient(errand, { url, apiKey }) {
  const client = errand.connect({ url, apiKey });
  const codeOf = (promise) =>
    promise.then(
      () => 'no error',
      (error) => `${error instanceof errand.ErrandError ? error.code : error.name} ${JSON.stringify(error.problems)}`,
    );
  const run = await client.run('greet', { name: 'Ada' });
  const once = { idempotency_key: `once in ${url} ${run.run_id}` };
  const twice = [await client.start('greet', { name: 'Bo' }, once), await client.start('greet', { name: 'Bo' }, once)];

  const asking = await client.start('greet', { name: 'Cy', asks: true });
  const kinds = [];
  for await (const event of client.events(asking.run_id)) {
    kinds.push(event.kind);
    if (event.kind === 'node.waiting' && event.node_id === 'ask') await client.answer(asking.run_id, 'ask', true);
  }
  const lasting = await client.start('greet', { name: 'Di', rest: '1h' });
  const stop = new AbortController();
  const waiting = client.wait(lasting.run_id, { signal: stop.signal }).catch((error) => error.message);
  stop.abort(new Error('enough'));
  const waited = await waiting;
  const cancelled = await client.cancel(lasting.run_id, 'not needed');
  const again = await client.rerun(run.run_id);
  const rerun = await client.wait(again.run_id);
  const verify = (message) =>
    errand.verifyWebhook(message).then(
      ({ data }) => data.text,
      (error) => error.code,
    );
  const signed = [await verify(MESSAGE), await verify({ ...MESSAGE, body: `${MESSAGE.body} ` })];
  return {
    output: run.output,
    sameRun: twice[0].run_id === twice[1].run_id,
    kinds: [kinds[0], kinds.at(-1)],
    waited,
    statuses: [run.status, (await client.get(asking.run_id)).status, cancelled.status, rerun.status],
    workflows: (await client.api.listWorkflows()).workflows.map(({ id }) => id),
    errors: [
      await codeOf(client.start('nothing', {})),
      await codeOf(client.start('greet', { name: 7 })),
      await codeOf(errand.connect({ url, apiKey: 'sk_live_wrong' }).get(run.run_id)),
    ],
    signed,
  };
}
