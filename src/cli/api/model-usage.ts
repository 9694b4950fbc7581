import type { ApiUsage } from '../../api/api-types.js';

/** `$0.0123`; a `+` says that there is more whose price is not known. */
export function dollars({ cost_usd: cost, unpriced_calls: unpriced }: ApiUsage): string {
  return `$${cost.toFixed(4)}${unpriced > 0 ? '+' : ''}`;
}

/** `3 calls, 1200 tokens in and 300 out, $0.0123`. */
export function describeUsage(usage: ApiUsage): string {
  const { calls, input_tokens: sent, output_tokens: written } = usage;
  return `${calls} ${calls === 1 ? 'call' : 'calls'}, ${sent} tokens in and ${written} out, ${dollars(usage)}`;
}
