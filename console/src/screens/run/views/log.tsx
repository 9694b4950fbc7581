import { useMemo, useRef, useState, type ReactNode } from 'react';
import type { ApiEvent } from '@api/api-types.js';
import { Dialog } from '../../../design/dialog.js';
import { Button } from '../../../design/button.js';
import { JsonTree } from '../../../design/json-tree.js';
import { Moment } from '../../../design/moment.js';
import { usePhone } from '../../../design/use-phone.js';
import { useFixedRows } from '../../../design/use-fixed-rows.js';
import { formatMoment } from '../../../format/format.js';
import { useTimeZone, type TimeZone } from '../../../format/time-zone.js';
import { isJsonObject, type Json } from '@core/json.js';
import { isWithin } from '@core/run/paths/node-path.js';
import { readText } from '@api/client/apply-api-event.js';
import { text } from '../../../text/en.js';
import { Choice, TextField } from '../../runs/run-filter-bar.js';
import type { FeedView } from '../run-feed.js';

const t = text.log;
const ROW_PX = 32;
/** Of two lines, where one has no room for all. */
const PHONE_ROW_PX = 52;
const HEIGHT_PX = 560;
const MAX_PREVIEW = 300;
/** More nodes than a person looks through are typed. */
const MAX_CHOICES = 200;

/** The run's log as it comes. */
export function Log({ feed }: { readonly feed: FeedView }): ReactNode {
  const [node, setNode] = useState('');
  const [kind, setKind] = useState('');
  const [opened, setOpened] = useState<ApiEvent | null>(null);
  const { events } = feed;
  const shown = useMemo(
    () => events.filter((event) => (node === '' || isOf(event.node_id, node)) && (kind === '' || event.kind === kind)),
    [events, node, kind],
  );
  const nodes = useMemo(() => choicesOf(events, (event) => event.node_id), [events]);
  const kinds = useMemo(() => choicesOf(events, (event) => event.kind), [events]);
  return (
    <div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2">
        {nodes.length > MAX_CHOICES ? (
          <TextField label={t.node} value={node} hint={nodes[0]?.value ?? ''} onChoose={setNode} />
        ) : (
          <Choice label={t.node} value={node} choices={nodes} onChoose={setNode} />
        )}
        <Choice label={t.kind} value={kind} choices={kinds} onChoose={setKind} />
        <span className="ml-auto text-sm text-soft tabular-nums" aria-live="polite">
          {feed.state === 'loading' ? t.loading : t.count(shown.length)}
        </span>
      </div>
      <Entries events={shown} onOpen={setOpened} />
      {opened !== null && <Entry event={opened} onClose={() => setOpened(null)} />}
    </div>
  );
}

/** Whether it is of that node, or of one inside it. */
function isOf(path: string | null, node: string): boolean {
  return path !== null && (path === node || isWithin(path, node));
}

/** The values that there are, in the order in which they come. */
function choicesOf(events: readonly ApiEvent[], read: (event: ApiEvent) => string | null) {
  const values = new Set(events.map(read));
  return [...values].flatMap((value) => (value === null ? [] : [{ value, label: value }]));
}

function Entries({
  events,
  onOpen,
}: {
  readonly events: readonly ApiEvent[];
  readonly onOpen: (event: ApiEvent) => void;
}): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const rowPx = usePhone() ? PHONE_ROW_PX : ROW_PX;
  const { indexes, height } = useFixedRows(box, events.length, rowPx);
  return (
    <div
      ref={box}
      tabIndex={0}
      role="group"
      aria-label={t.title}
      style={{ maxHeight: HEIGHT_PX }}
      className="overflow-y-auto"
    >
      <ol className="relative" style={{ height }}>
        {indexes.map((index) => {
          const event = events[index];
          return (
            event !== undefined && (
              <li key={event.seq} className="absolute inset-x-0" style={{ top: index * rowPx, height: rowPx }}>
                <EntryRow event={event} onOpen={onOpen} />
              </li>
            )
          );
        })}
      </ol>
    </div>
  );
}

function EntryRow({
  event,
  onOpen,
}: {
  readonly event: ApiEvent;
  readonly onOpen: (event: ApiEvent) => void;
}): ReactNode {
  const zone = useTimeZone();
  const hasFailed = /failed|retrying/.test(event.kind);
  return (
    <button
      type="button"
      data-row
      onClick={() => onOpen(event)}
      className="flex h-full w-full items-center gap-x-3 px-4 text-left text-sm hover:bg-sunken max-sm:flex-wrap max-sm:content-center"
    >
      <span className="w-20 shrink-0 text-xs text-soft tabular-nums">
        <Moment at={event.at} clock />
      </span>
      <span
        className={`w-44 shrink-0 truncate font-mono text-[0.8125rem] max-sm:w-auto ${hasFailed ? 'text-failed' : ''}`}
      >
        {event.kind}
      </span>
      <span className="w-36 shrink-0 truncate sm:max-md:hidden max-sm:w-0 max-sm:flex-1">{event.node_id ?? ''}</span>
      <span className="min-w-0 flex-1 truncate text-soft max-sm:basis-full">{previewOf(event, zone)}</span>
    </button>
  );
}

/** Outputs may be large: only their beginning is written. */
function previewOf({ data }: ApiEvent, zone: TimeZone): string {
  const { error, message, reason, findings } = data;
  const said = [message, reason, findings].find((value) => typeof value === 'string');
  if (typeof said === 'string') return said.slice(0, MAX_PREVIEW);
  if (isJsonObject(error)) return readText(error['message'])?.slice(0, MAX_PREVIEW) ?? '';
  return Object.entries(data)
    .map(([name, value]) => `${name}: ${tell(value, zone)}`)
    .join(', ')
    .slice(0, MAX_PREVIEW);
}

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

function tell(value: Json, zone: TimeZone): string {
  if (typeof value === 'object' && value !== null) return '…';
  return typeof value === 'string' && TIME.test(value) ? formatMoment(value, zone) : String(value);
}

function Entry({ event, onClose }: { readonly event: ApiEvent; readonly onClose: () => void }): ReactNode {
  return (
    <Dialog title={event.kind} onClose={onClose}>
      <p className="mb-3 text-sm text-soft">
        {event.seq} · <Moment at={event.at} /> · {event.node_id ?? t.ofRun}
      </p>
      <JsonTree value={event.data} open={3} />
      <div className="mt-4">
        <Button onClick={onClose}>{text.common.close}</Button>
      </div>
    </Dialog>
  );
}
