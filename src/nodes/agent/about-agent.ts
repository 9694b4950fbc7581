import type { JsonSchema } from '../../core/json.js';

const ABOUT = `You work towards the goal that the user gives you, with the tools that you have. Call as many tools as you need, several at once where they do not depend on each other. When a tool fails, try another way. When the goal is met, or you are sure that it cannot be met, answer without calling a tool: that answer is your result.
People are waiting for you: report what you are doing with report_progress, and what you have found with record_findings, in one to three sentences.`;

/**
 * What every agent is told before its own system text. The schema of its last answer is told in words: several servers
 * let no model call tools while they hold its answers to a schema.
 */
export function aboutAgent(output: JsonSchema | undefined): string {
  if (output === undefined) return ABOUT;
  return `${ABOUT}\nYour result must be nothing but JSON that fits this JSON Schema:\n${JSON.stringify(output)}`;
}
