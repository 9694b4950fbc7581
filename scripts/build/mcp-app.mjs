import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BuildFailure } from './failure.mjs';

/** What is shown, and the title of its page. */
const VIEWS = { run: 'Run', runs: 'Runs', workflow: 'Workflow' };

/**
 * Writes dist/mcp-app/, the views inside a chat host: one file each, which loads nothing. Not where the packages for it
 * are not installed.
 */
export async function buildMcpApp({ root, made }) {
  const folder = join(root, 'mcp-app');
  if (!existsSync(folder) || !has(folder, 'preact')) return;
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [...Object.keys(VIEWS).map((view) => `./views/${view}.tsx`), './style.css'],
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
    throw new BuildFailure(`its views for chat hosts cannot be built: ${error.message}`, 'sources');
  });
  const textOf = (name) => outputFiles.find(({ path }) => path.endsWith(`/${name}`))?.text.trim() ?? '';
  mkdirSync(join(made, 'mcp-app'));
  for (const [view, title] of Object.entries(VIEWS)) {
    const html = page({ title, script: textOf(`views/${view}.js`), style: textOf('style.css') });
    writeFileSync(join(made, 'mcp-app', `${view}.html`), html);
  }
  const licence = readFileSync(join(folderOf(folder, 'preact'), 'LICENSE'), 'utf8').trim();
  writeFileSync(join(made, 'mcp-app', 'LICENSES.txt'), `preact\n\n${licence}\n`);
}

/** Its own policy on top of the host's: its own script and style, and nothing else. */
function page({ title, script, style }) {
  // What would end the element is written otherwise.
  const safe = script.replaceAll('</script', '<\\/script');
  const policy = `default-src 'none'; script-src ${hashOf(safe)}; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
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
