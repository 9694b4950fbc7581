// A collector of OpenTelemetry that takes all it is told.
import { createServer } from 'node:http';

/** `env`: what has a server tell it all three signals, with as many traces as it does where nothing is said of that. */
export async function startCollector() {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    request.resume().once('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.address().port}`, OTEL_SDK_DISABLED: 'false' },
    /** How many requests it has had. */
    asked: () => asked,
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
