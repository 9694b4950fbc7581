import type { JsonObject } from '../../../core/json.js';
import type { Tool } from '../../contract/contract.js';
import type { EraRules, FinalOutcome, MethodContext } from '../base/method.js';
import { TASKS_CAPABILITY, undeclared } from './capabilities.js';
import { headerParamsMismatch } from './header-params.js';
import { readAnswers, toInputRequired } from './input-required.js';

/** Every request declares what its client can do, and what it says in headers must agree with its body. */
export const statelessRules: EraRules = {
  resourceNotFound: 'invalidParams',
  sendsRequests: false,
  refuseTool,
  readAnswers,
  toInputRequired,
};

function refuseTool(tool: Tool, args: JsonObject, { client, headers }: MethodContext): FinalOutcome | null {
  const missing = tool.requires === undefined ? null : undeclared(tool.requires, client);
  if (missing !== null) return missing;
  if (tool.taskSupport === 'required') {
    const withoutTasks = undeclared(TASKS_CAPABILITY, client);
    if (withoutTasks !== null) return withoutTasks;
  }
  return headers === null ? null : headerParamsMismatch(tool.inputSchema, args, headers);
}
