import type { Json } from '../json.js';
import type { HMAC_ALGORITHMS, HMAC_ENCODINGS, HookAnswer, HookSettings, HookSignature } from './hook.js';

/** How deliveries are signed, as people and programs write it. */
export interface HookSignatureFields {
  readonly kind: HookSignature['kind'];
  readonly tolerance_seconds?: number;
  readonly header?: string;
  readonly algorithm?: (typeof HMAC_ALGORITHMS)[number];
  readonly encoding?: (typeof HMAC_ENCODINGS)[number];
  readonly prefix?: string;
}

/** All that can be set of a hook, under the names that every door has. */
export interface HookFields {
  readonly name?: string;
  /** Either this or `event`. */
  readonly workflow_id?: string | null;
  readonly event?: { readonly name: string; readonly key?: string | null } | null;
  readonly input?: Json;
  readonly when?: string | null;
  readonly delivery_id?: string | null;
  readonly signature?: HookSignatureFields;
  readonly answer?: HookAnswer;
  readonly wait_seconds?: number;
  readonly enabled?: boolean;
}

/** As the senders themselves have it. */
const TOLERANCE_SECONDS = 300;

/** What holds where a field is not given. */
export const HOOK_DEFAULTS = {
  input: '{{ body }}',
  event: null,
  when: null,
  deliveryId: null,
  signature: { kind: 'none' },
  answer: 'at_once',
  waitSeconds: 10,
  enabled: true,
} as const satisfies Partial<HookSettings>;

/** Those of the fields that are there. */
export function readHookFields(fields: Partial<HookFields>): Partial<HookSettings> {
  const { workflow_id: workflowId, delivery_id: deliveryId, wait_seconds: waitSeconds, ...others } = fields;
  const { signature, event, ...same } = others;
  return {
    ...same,
    ...(workflowId === undefined ? {} : { workflowId }),
    ...(deliveryId === undefined ? {} : { deliveryId }),
    ...(waitSeconds === undefined ? {} : { waitSeconds }),
    ...(event === undefined ? {} : { event: event === null ? null : { name: event.name, key: event.key ?? null } }),
    ...(signature === undefined ? {} : { signature: readSignature(signature) }),
  };
}

function readSignature(given: HookSignatureFields): HookSignature {
  const { kind, tolerance_seconds: toleranceSeconds = TOLERANCE_SECONDS, prefix = '' } = given;
  const { algorithm = 'sha256', encoding = 'hex' } = given;
  const header = (given.header ?? 'x-signature').toLowerCase();
  switch (kind) {
    case 'none':
    case 'github':
      return { kind };
    case 'standard_webhooks':
    case 'stripe':
    case 'slack':
      return { kind, toleranceSeconds };
    case 'hmac':
      return { kind, header, algorithm, encoding, prefix };
    case 'token':
      return { kind, header };
    default:
      return kind satisfies never;
  }
}

export function writeSignature(signature: HookSignature): HookSignatureFields {
  if (!('toleranceSeconds' in signature)) return signature;
  return { kind: signature.kind, tolerance_seconds: signature.toleranceSeconds };
}
