import type { JsonSchema } from '../../core/json.js';
import type { ApiAuditEntry, ApiTrailCheck } from '../audit-types.js';
import { ANYTHING, described, FLAG, INTEGER, listOf, oneOf, orNull, shapeOf, TEXT, TIME } from './shape.js';

export const AUDIT_SCHEMAS: { readonly AuditEntry: JsonSchema; readonly TrailCheck: JsonSchema } = {
  AuditEntry: shapeOf<ApiAuditEntry>()({
    organization_id: TEXT,
    seq: described(INTEGER, 'From 1, without gaps.'),
    at: TIME,
    actor: shapeOf<ApiAuditEntry['actor']>()({
      kind: oneOf(['key', 'grant', 'server']),
      id: orNull(TEXT),
      organization_id: TEXT,
    }),
    from: described(orNull(TEXT), 'The address that the call came from.'),
    action: TEXT,
    target: shapeOf<ApiAuditEntry['target']>()({ kind: TEXT, id: TEXT }),
    before: described(ANYTHING, 'How it was; null where there was nothing.'),
    after: ANYTHING,
    previous_hash: TEXT,
    hash: described(TEXT, 'SHA-256, hex, of the rest as JSON with sorted keys and without blanks.'),
  }),
  TrailCheck: shapeOf<ApiTrailCheck>()({
    intact: FLAG,
    entries: INTEGER,
    first: orNull(INTEGER),
    head: described(orNull(TEXT), 'Keep it elsewhere: it shows later whether the end of the trail is missing.'),
    faults: listOf(TEXT),
  }),
};

const ORGANIZATION = '0190b0c2-7f3a-7abc-8def-0123456789ab';
const HASH = '5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

export const EXAMPLE_ENTRY: ApiAuditEntry = {
  organization_id: ORGANIZATION,
  seq: 1,
  at: '2026-11-21T20:16:05.123Z',
  actor: { kind: 'key', id: '0190b0c2-7f3a-7abc-8def-0123456789ac', organization_id: ORGANIZATION },
  from: '203.0.113.7',
  action: 'credits.set',
  target: { kind: 'organization', id: ORGANIZATION },
  before: { monthly_credits: 1000 },
  after: { monthly_credits: 5000 },
  previous_hash: '0'.repeat(64),
  hash: HASH,
};

export const EXAMPLE_CHECK: ApiTrailCheck = { intact: true, entries: 1, first: 1, head: `1:${HASH}`, faults: [] };
