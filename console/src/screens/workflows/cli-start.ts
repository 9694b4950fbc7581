import type { Json } from '@core/json.js';

/** The command that starts such a run. */
export function cliStart(workflowId: string, input: Json): string {
  return `npx errand run ${workflowId} --input '${forShell(JSON.stringify(input))}' --watch`;
}

/** For between single quotes. */
export function forShell(json: string): string {
  return json.replaceAll("'", String.raw`'\''`);
}
