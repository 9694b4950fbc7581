import type { JsonObject, JsonSchema } from '../../../core/json.js';
import { HOOK_ANSWERS, HOOK_SIGNATURES, MAX_HOOK_NAME } from '../../../core/hooks/hook.js';
import { closedObject, openObject } from '../../tool-kit/object-schema.js';
import {
  ANY,
  COUNT,
  described,
  INPUT,
  LIMIT,
  OFFSET,
  orError,
  STRING,
  STRING_OR_NULL,
  TIME,
  TIME_OR_NULL,
} from './native-schemas.js';

/** What the native tools for hooks take and give. */

const HOOK_ID = described(STRING, "The hook's id, as list_hooks gives it.");

export const LIST_HOOKS_INPUT: JsonSchema = closedObject({ limit: LIMIT, offset: OFFSET }, ['limit', 'offset']);
export const CREATE_HOOK_INPUT: JsonSchema = closedObject(
  {
    workflow_id: described(STRING, "The workflow's id, as list_workflows gives it; left out with event."),
    event: described(
      closedObject({ name: STRING, key: described(STRING, 'A template of its key: {{ body.order.id }}') }, ['key']),
      'Sends this event to the runs that wait for it, instead of starting one.',
    ),
    name: described({ ...STRING, minLength: 1, maxLength: MAX_HOOK_NAME }, 'What people call it.'),
    signature: described(
      { ...STRING, enum: HOOK_SIGNATURES },
      'How the sender signs its deliveries. With anything but none, deliveries are refused until the user has set the secret.',
    ),
    header: described(STRING, 'For hmac and token: the header that holds the signature or token.'),
    input: described(
      INPUT,
      'A template of the run\'s input: {"order": "{{ body.order.id }}"}. It reads body, headers and query; the body when left out.',
    ),
    when: described(
      STRING,
      "A condition over the same; other deliveries start nothing: headers.`x-github-event` = 'push'",
    ),
    delivery_id: described(STRING, 'A template of what tells deliveries apart: {{ body.id }}'),
    answer: described(
      { ...STRING, enum: HOOK_ANSWERS },
      "Whether the sender gets the run's id at once, or its result.",
    ),
  },
  ['workflow_id', 'event', 'name', 'signature', 'header', 'input', 'when', 'delivery_id', 'answer'],
);
export const DELETE_HOOK_INPUT: JsonSchema = closedObject({ hook_id: HOOK_ID });

const HOOK: JsonObject = {
  id: STRING,
  name: STRING,
  workflow_id: STRING_OR_NULL,
  event: described(ANY, 'The event that it sends instead of starting a run; null for none.'),
  input: described(ANY, 'Absent when it is long.'),
  when: STRING_OR_NULL,
  delivery_id: STRING_OR_NULL,
  signature: openObject({ kind: { enum: HOOK_SIGNATURES } }),
  answer: { enum: HOOK_ANSWERS },
  wait_seconds: COUNT,
  enabled: { type: 'boolean' },
  secrets: described(
    { type: 'array', items: openObject({ created_at: TIME, expires_at: TIME_OR_NULL }) },
    'What deliveries are checked with; never the secrets themselves.',
  ),
  accepted: COUNT,
  refused: COUNT,
  last_accepted_at: TIME_OR_NULL,
  last_run_id: STRING_OR_NULL,
  last_refused_at: TIME_OR_NULL,
  last_refusal: described(STRING_OR_NULL, 'Why the latest delivery was refused that was.'),
  created_at: TIME,
  updated_at: TIME,
};

export const LIST_HOOKS_OUTPUT: JsonSchema = orError(
  openObject({
    hooks: { type: 'array', items: openObject(HOOK, ['input']) },
    total: COUNT,
    limit: COUNT,
    offset: COUNT,
  }),
);
export const CREATE_HOOK_OUTPUT: JsonSchema = orError(
  openObject({ ...HOOK, path: described(STRING, "Follows the server's address. It is not shown again.") }, ['input']),
);
export const DELETE_HOOK_OUTPUT: JsonSchema = orError(openObject({ id: STRING, deleted: { type: 'boolean' } }));
