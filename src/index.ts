/** The library: `import { createErrand, defineWorkflow } from 'errand'`. */
export { createErrand } from './create-errand.js';
export type { Errand, ErrandOptions, RunOptions } from './create-errand.js';
export type { Priority } from './core/scheduling.js';
export type { ResourceDefinition } from './workflow/read-resources.js';
export { defineHandler, defineWorkflow } from './workflow/define-workflow.js';
export type { DefinedWorkflow, NodeSpec, WorkflowSpec } from './workflow/define-workflow.js';
export { ErrandError } from './core/errors.js';
export type { ErrorCode, Problem } from './core/errors.js';
export { NodeFailure } from './core/node-kind.js';
export type { Generated, GenerateRequest, Handler, HandlerContext, RunInfo } from './core/node-kind.js';
export type { Budget, FilePart, ModelSettings, Usage } from './core/models.js';
export type { Json, JsonObject, JsonSchema } from './core/json.js';
export type { Logger } from './core/logger.js';
export type { NodeDefinition, WorkflowDefinition } from './core/definition.js';
export type { ItemCounts, NodeError, NodeExecution, NodeStatus, Question } from './core/node-execution.js';
export type { Run, RunError, RunListItem, RunStatus } from './core/run.js';
export type { RunEvent } from './core/events.js';
export type { CreditBalance } from './core/credits.js';
