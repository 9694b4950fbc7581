// The clients, in a process of their own: as many connections as it is told, each with one request under way at all
// times.
import { quantile } from '../lib/load.mjs';
import { bodyOf, RawClient, requestBytes } from './raw-client.mjs';

process.once('disconnect', () => process.exit());
process.on('message', async (load) => {
  try {
    process.send({ measured: await apply(load) });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});

async function apply({ url, request, connections, seconds }) {
  const { hostname: host, port } = new URL(url);
  const bytes = requestBytes({ host, port, ...request });
  const clients = [];
  while (clients.length < connections) {
    const more = Math.min(100, connections - clients.length);
    clients.push(...(await Promise.all(Array.from({ length: more }, () => RawClient.open({ host, port })))));
  }
  const latencies = [];
  let refused = 0;
  let sample = null;
  const begin = performance.now();
  const deadline = begin + seconds * 1000;
  await Promise.all(
    clients.map(
      (client) =>
        new Promise((resolve) => {
          let from = 0;
          const ask = () => {
            from = performance.now();
            client.ask(bytes, taken);
          };
          const taken = ({ status, bytes: answer }) => {
            const now = performance.now();
            if (status === 200) latencies.push(now - from);
            else refused++;
            sample ??= { status, answer };
            if (now < deadline && status !== 0) ask();
            else resolve();
          };
          ask();
        }),
    ),
  );
  const took = (performance.now() - begin) / 1000;
  for (const client of clients) client.close();
  latencies.sort((a, b) => a - b);
  return {
    perSecond: latencies.length / took,
    count: latencies.length,
    refused,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    slowest: latencies.at(-1),
    sample: sample?.answer === undefined ? null : bodyOf(sample.answer),
    bytes: sample?.answer?.length ?? 0,
  };
}
