import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BuildFailure } from './failure.mjs';

/**
 * Writes dist/mcp-app/run.html, the view of a run inside a chat host: one file, which loads nothing. Not where the
 * packages for it are not installed.
 */
export async function buildMcpApp({ root, made }) {
  const folder = join(root, 'mcp-app');
  if (!existsSync(folder) || !has(folder, 'preact')) return;
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: ['./main.tsx', './style.css'],
    absWorkingDir: join(folder, 'src'),
    outdir: join(made, 'mcp-app'),
    tsconfig: join(folder, 'tsconfig.json'),
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    logLevel: 'warning',
  }).catch((error) => {
    throw new BuildFailure(`its view for chat hosts cannot be built: ${error.message}`, 'sources');
  });
  const textOf = (extension) => outputFiles.find(({ path }) => path.endsWith(extension))?.text.trim() ?? '';
  mkdirSync(join(made, 'mcp-app'));
  const licence = readFileSync(join(folderOf(folder, 'preact'), 'LICENSE'), 'utf8').trim();
  writeFileSync(join(made, 'mcp-app', 'run.html'), page(textOf('.js'), textOf('.css')));
  writeFileSync(join(made, 'mcp-app', 'LICENSES.txt'), `preact\n\n${licence}\n`);
}

/** Its own policy on top of the host's: its own script and style, and nothing else. */
function page(script, style) {
  // What would end the element is written otherwise.
  const safe = script.replaceAll('</script', '<\\/script');
  const policy = `default-src 'none'; script-src ${hashOf(safe)}; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Run</title>
<style>${style}</style>
</head>
<body>
<div id="root"></div>
<script>${safe}</script>
</body>
</html>
`;
}

function hashOf(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function has(folder, name) {
  try {
    createRequire(join(folder, 'package.json')).resolve(name);
    return true;
  } catch {
    return false;
  }
}

function folderOf(folder, name) {
  return join(createRequire(join(folder, 'package.json')).resolve(`${name}/package.json`), '..');
}
