import type { ApiDoctor, ApiFinding, ApiProcess, ApiSystem, ApiWorkflowTotals } from '../system-types.js';
import { described, FLAG, INTEGER, listOf, NUMBER, oneOf, orNull, shapeOf, TEXT, TIME } from './shape.js';

export const SYSTEM_SHAPE = shapeOf<ApiSystem>()({
  version: TEXT,
  node: TEXT,
  started_at: TIME,
  at: TIME,
  engine: oneOf(['embedded', 'restate']),
  store: shapeOf<ApiSystem['store']>()({ kind: oneOf(['sqlite', 'postgres']), bytes: orNull(INTEGER) }),
  process: shapeOf<ApiSystem['process']>()({
    resident_bytes: INTEGER,
    cpu_seconds: NUMBER,
    busy_seconds: NUMBER,
    idle_seconds: NUMBER,
  }),
  runs: shapeOf<ApiSystem['runs']>()({
    active: INTEGER,
    queued: INTEGER,
    parked: INTEGER,
    max_active: INTEGER,
    nodes_held_up: INTEGER,
  }),
  totals: shapeOf<ApiSystem['totals']>()({ requests: INTEGER, commits: INTEGER }),
  workflows: listOf(
    shapeOf<ApiWorkflowTotals>()({
      workflow_id: TEXT,
      accepted: INTEGER,
      completed: INTEGER,
      partial_complete: INTEGER,
      failed: INTEGER,
      cancelled: INTEGER,
    }),
  ),
});

export const EXAMPLE_SYSTEM: ApiSystem = {
  version: '0.1.0',
  node: '22.21.0',
  started_at: '2026-11-28T06:00:00.000Z',
  at: '2026-11-28T12:00:00.000Z',
  engine: 'embedded',
  store: { kind: 'sqlite', bytes: 41_943_040 },
  process: { resident_bytes: 134_217_728, cpu_seconds: 312.5, busy_seconds: 290.1, idle_seconds: 21_309.9 },
  runs: { active: 12, queued: 0, parked: 3, max_active: 500, nodes_held_up: 0 },
  totals: { requests: 182_004, commits: 96_310 },
  workflows: [
    { workflow_id: 'site_checkup', accepted: 1_204, completed: 1_150, partial_complete: 31, failed: 8, cancelled: 0 },
  ],
};

export const PROCESS_SHAPE = shapeOf<ApiProcess>()({
  place: described(TEXT, 'Its host and its number there.'),
  version: TEXT,
  seen_at: described(TIME, 'When it last said that it is there.'),
  alive: described(FLAG, 'False: nothing was heard of it for 30 seconds.'),
  answers: described(FLAG, 'Whether it is the one that answers.'),
});

export const EXAMPLE_PROCESS: ApiProcess = {
  place: 'errand-1, process 4711',
  version: '0.1.0',
  seen_at: '2026-11-28T12:00:00.000Z',
  alive: true,
  answers: true,
};

export const DOCTOR_SHAPE = shapeOf<ApiDoctor>()({
  at: TIME,
  healthy: described(FLAG, 'No finding is a fault.'),
  findings: listOf(shapeOf<ApiFinding>()({ name: TEXT, kind: oneOf(['ok', 'warning', 'fault']), message: TEXT })),
  backups: shapeOf<ApiDoctor['backups']>()({
    place: described(orNull(TEXT), 'Null: the server makes none.'),
    last_at: described(orNull(TIME), 'When the newest was begun.'),
  }),
});

export const EXAMPLE_DOCTOR: ApiDoctor = {
  at: '2026-11-28T12:00:00.000Z',
  healthy: true,
  findings: [{ name: 'room', kind: 'ok', message: '42.0 GB are free beside 0.1 GB of data' }],
  backups: { place: '/var/backups/errand', last_at: '2026-11-28T10:15:00.000Z' },
};
