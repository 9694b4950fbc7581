import { UsageError } from '../terminal/usage-error.js';

const HEX = /^[0-9a-f]{32}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The run id as the REST API writes it (`run_` + UUID), from any of the forms in which Errand shows one: that, contract
 * A's `agent_run_` + 32 hexadecimal digits, or the bare UUID.
 */
export function toRunId(text: string): string {
  const id = text.trim().toLowerCase();
  const bare = id.startsWith('agent_run_') ? id.slice(10) : id.startsWith('run_') ? id.slice(4) : id;
  if (UUID.test(bare)) return `run_${bare}`;
  if (HEX.test(bare))
    return `run_${[8, 12, 16, 20].reduceRight((hex, at) => `${hex.slice(0, at)}-${hex.slice(at)}`, bare)}`;
  throw new UsageError(
    `'${text}' is not a run id. A run id looks like run_0190b0c2-7f3a-7abc-8def-0123456789ab; \`errand runs\` lists them.`,
  );
}
