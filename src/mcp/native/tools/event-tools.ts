import {
  DEFAULT_EVENT_KEEP_MS,
  MAX_EVENT_KEEP_MS,
  MAX_EVENT_KEY,
  MAX_EVENT_NAME,
} from '../../../core/events/kept-event.js';
import type { Json, JsonSchema } from '../../../core/json.js';
import { renderSentEvent } from '../../../core/render/render-sent-event.js';
import { defineTool } from '../../tool-kit/define-tool.js';
import { closedObject, openObject } from '../../tool-kit/object-schema.js';
import { COUNT, described, IDEMPOTENCY_KEY, INPUT, orError, STRING, TIME } from '../schemas/native-schemas.js';

const SEND_EVENT_INPUT: JsonSchema = closedObject(
  {
    name: described({ ...STRING, minLength: 1, maxLength: MAX_EVENT_NAME }, 'As the nodes that wait for it have it.'),
    key: described({ ...STRING, maxLength: MAX_EVENT_KEY }, 'What the nodes have as their match.'),
    data: described(INPUT, 'What the runs are told.'),
    keep_for_seconds: described(
      { type: 'number', minimum: 0, maximum: MAX_EVENT_KEEP_MS / 1_000, default: DEFAULT_EVENT_KEEP_MS / 1_000 },
      'How long runs that do not wait yet still take it.',
    ),
    idempotency_key: IDEMPOTENCY_KEY,
  },
  ['key', 'data', 'keep_for_seconds', 'idempotency_key'],
);

const OUTPUT: JsonSchema = orError(
  openObject({
    id: STRING,
    name: STRING,
    key: STRING,
    sent_at: TIME,
    expires_at: TIME,
    waiting: described(COUNT, 'How many runs waited for it.'),
    created: described({ type: 'boolean' }, 'False when the idempotency key belongs to an existing event.'),
  }),
);

interface SendArguments {
  readonly name: string;
  readonly key?: string;
  readonly data?: Json;
  readonly keep_for_seconds?: number;
  readonly idempotency_key?: string;
}

export const sendEvent = defineTool<SendArguments>({
  name: 'send_event',
  title: 'Send an event',
  description: 'Sends an event to all runs that wait for its name and key; they continue with its data.',
  inputSchema: SEND_EVENT_INPUT,
  outputSchema: OUTPUT,
  mutates: true,
  scope: 'run',
  annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: false },
  run: async ({ name, key = '', data = null, keep_for_seconds: seconds, idempotency_key: given }, call) => {
    const keepForMs = seconds === undefined ? DEFAULT_EVENT_KEEP_MS : Math.round(seconds * 1_000);
    const params = { name, key, data, keepForMs, ...(given === undefined ? {} : { idempotencyKey: given }) };
    const sent = await call.services.sendEvent(call.caller, params);
    const text = `${sent.waiting} runs waited for the event ${name}.`;
    return { kind: 'value', value: { ...renderSentEvent(sent), created: sent.created }, text };
  },
});
