import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** A page with a chat host, at an address of its own. */
export async function serveHost(
  file: string,
  /** Other pages, by their paths. */
  others: { readonly [path: string]: string } = {},
): Promise<Server> {
  return servePage(await bundleHost(file), others);
}

async function bundleHost(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(dirname(fileURLToPath(import.meta.url)), file)],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

async function servePage(script: string, others: { readonly [path: string]: string }): Promise<Server> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/host.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    const other = others[(request.url ?? '').split('?')[0] ?? ''];
    response.end(
      isScript ? script : (other ?? '<!doctype html><title>Host</title><body></body><script src="/host.js"></script>'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
