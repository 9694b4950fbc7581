import { HMAC_ALGORITHMS, HMAC_ENCODINGS, HOOK_ANSWERS, HOOK_SIGNATURES } from '../../core/hooks/hook.js';
import type { HookSignatureFields } from '../../core/hooks/hook-fields.js';
import type { JsonSchema } from '../../core/json.js';
import type { ApiHook, ApiNewHook } from '../hook-types.js';
import type { ApiEventWithData, ApiListedEvent, ApiSentEvent } from '../sent-event-types.js';
import type { ApiSigningSecret } from '../webhook-types.js';
import { ANYTHING, described, FLAG, INTEGER, listOf, oneOf, orNull, shapeOf, TEXT, TIME } from './shape.js';

const SECRETS = listOf(
  shapeOf<ApiSigningSecret>()({ created_at: TIME, expires_at: described(orNull(TIME), 'Null for the newest.') }),
);

const SIGNATURE = shapeOf<HookSignatureFields>()(
  {
    kind: oneOf(HOOK_SIGNATURES),
    tolerance_seconds: INTEGER,
    header: TEXT,
    algorithm: oneOf(HMAC_ALGORITHMS),
    encoding: oneOf(HMAC_ENCODINGS),
    prefix: TEXT,
  },
  'tolerance_seconds',
  'header',
  'algorithm',
  'encoding',
  'prefix',
);

const HOOK = {
  id: TEXT,
  name: TEXT,
  workflow_id: described(orNull(TEXT), 'Null where it sends an event.'),
  event: orNull(shapeOf<NonNullable<ApiHook['event']>>()({ name: TEXT, key: orNull(TEXT) })),
  input: described(ANYTHING, "A template of the run's input, or the event's data."),
  when: described(orNull(TEXT), 'A condition; other deliveries start nothing.'),
  delivery_id: described(orNull(TEXT), 'A template of what tells deliveries apart.'),
  signature: SIGNATURE,
  answer: oneOf(HOOK_ANSWERS),
  wait_seconds: INTEGER,
  enabled: FLAG,
  secrets: described(SECRETS, 'What deliveries are checked with, the newest first.'),
  accepted: INTEGER,
  refused: INTEGER,
  last_accepted_at: orNull(TIME),
  last_run_id: orNull(TEXT),
  last_refused_at: orNull(TIME),
  last_refusal: described(orNull(TEXT), 'Why the latest delivery was refused that was.'),
  created_at: TIME,
  updated_at: TIME,
};

/** Hooks, as the document names them. */
export const HOOK_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  Hook: shapeOf<ApiHook>()(HOOK),
  NewHook: shapeOf<ApiNewHook>()({ ...HOOK, url: described(TEXT, 'Where deliveries go. It is not shown again.') }),
};

const EVENT = { id: TEXT, name: TEXT, key: described(TEXT, 'Empty for none.'), sent_at: TIME, expires_at: TIME };
const LISTED_EVENT = { ...EVENT, taken: described(INTEGER, 'How many runs have taken it.') };

/** Sent events, as the document names them. */
export const SENT_EVENT_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  SentEvent: shapeOf<ApiSentEvent>()({ ...EVENT, waiting: described(INTEGER, 'How many runs waited for it.') }),
  ListedEvent: shapeOf<ApiListedEvent>()(LISTED_EVENT),
  EventWithData: shapeOf<ApiEventWithData>()({ ...LISTED_EVENT, data: described(ANYTHING, 'What was sent.') }),
};

const AT = '2026-11-28T10:00:00.000Z';

/** For the document's examples. */
export const EXAMPLE_HOOK: ApiHook = {
  id: '019ab7c4-9c3b-7a51-8f6e-0d2f6c1b7a88',
  name: 'Pushes',
  workflow_id: 'review_push',
  event: null,
  input: { repository: '{{ body.repository.full_name }}', commits: '{{ body.commits.id }}' },
  when: "headers.`x-github-event` = 'push'",
  delivery_id: null,
  signature: { kind: 'github' },
  answer: 'at_once',
  wait_seconds: 10,
  enabled: true,
  secrets: [{ created_at: AT, expires_at: null }],
  accepted: 12,
  refused: 1,
  last_accepted_at: AT,
  last_run_id: 'run_019ab7c4-9c3b-7a51-8f6e-0d2f6c1b7a11',
  last_refused_at: AT,
  last_refusal: 'The signature is not that of the body with the secret of this hook.',
  created_at: AT,
  updated_at: AT,
};

export const EXAMPLE_HOOK_FIELDS = {
  workflow_id: EXAMPLE_HOOK.workflow_id,
  input: EXAMPLE_HOOK.input,
  when: EXAMPLE_HOOK.when,
  signature: { kind: 'github' },
  secret: '…',
} as const;

export const EXAMPLE_SENT_EVENT = {
  body: { name: 'order.paid', key: '1042', data: { total: 12.5 } },
  answer: { id: EXAMPLE_HOOK.id, name: 'order.paid', key: '1042', sent_at: AT, expires_at: AT, waiting: 1 },
} as const;

export const EXAMPLE_LISTED_EVENT: ApiListedEvent = {
  id: EXAMPLE_HOOK.id,
  name: 'order.paid',
  key: '1042',
  sent_at: AT,
  expires_at: AT,
  taken: 1,
};
