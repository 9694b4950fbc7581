/** The client: `import { connect } from 'errand/client'`. It has no dependency, and runs wherever there is `fetch`. */
export { connect, Connection } from './api/client/connect.js';
export type { AnyWorkflows, ConnectOptions, RunOf, StartOptions, WorkflowMap } from './api/client/connect.js';
export { ErrandClient } from './api/client/client.js';
export { verifyWebhook } from './api/client/verify-webhook.js';
export type { VerifyWebhookParams, WebhookMessage } from './api/client/verify-webhook.js';
export { applyApiEvent } from './api/client/apply-api-event.js';
export { ErrandError } from './core/errors.js';
export type { ErrorCode, Problem } from './core/errors.js';
export type { Json, JsonObject, JsonSchema } from './core/json.js';
export type {
  ApiEvent,
  ApiNode,
  ApiRerunRequest,
  ApiRun,
  ApiRunListItem,
  ApiRunRequest,
  ApiUsage,
  ApiWorkflow,
} from './api/api-types.js';
export type { ApiCredits } from './api/credit-types.js';
