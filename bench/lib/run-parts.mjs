import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeMachine } from './machine.mjs';

/**
 * Does the chosen parts of a benchmark one after another, each in a folder of its own, and prints what they report.
 * `parts`: by name what measures and what reports that. `options` are for what measures, `say` among them.
 */
export async function runParts({ name, parts, chosen, options, isJson }) {
  const machine = describeMachine();
  options.say(machine);
  const results = {};
  const reports = [machine];
  for (const part of chosen) {
    const [measure, report] = parts[part];
    const folder = mkdtempSync(join(tmpdir(), `errand-bench-${name}-`));
    // Postgres runs as another user where this one is root.
    chmodSync(folder, 0o755);
    try {
      results[part] = await measure({ ...options, folder });
      reports.push(report(results[part]));
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  process.stdout.write(isJson ? `${JSON.stringify({ machine, ...results }, null, 2)}\n` : `${reports.join('\n\n')}\n`);
}
