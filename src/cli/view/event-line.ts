import { isJsonObject } from '../../core/json.js';
import type { ApiEvent, ApiRun } from '../../api/api-types.js';
import { readError, readText } from '../../api/client/apply-api-event.js';
import { nodeName } from './run-view.js';
import { oneLine } from '../terminal/text-width.js';

/** One change of a run as a plain line: the time, who, what. Null for what only programs care for. */
export function eventLine(event: ApiEvent, run: ApiRun): string | null {
  const what = describe(event);
  if (what === null) return null;
  const node = run.nodes.find((candidate) => candidate.id === event.node_id);
  const who = event.node_id === null ? 'run' : node === undefined ? event.node_id : nodeName(node);
  return `${event.at}  ${who}: ${oneLine(what)}`;
}

function describe({ kind, data }: ApiEvent): string | null {
  const error = readError(data['error']);
  switch (kind) {
    case 'run.created':
      return 'pending';
    case 'run.started':
      return 'running';
    case 'run.completed':
      return withText('completed', readText(data['summary']));
    case 'run.partially_completed':
      return withText('partial_complete', readText(data['summary']));
    case 'run.retried':
      return 'retried';
    case 'run.cancelled':
      return withText('cancelled', readText(data['reason']));
    case 'run.failed':
    case 'node.failed':
      return withText('failed', error?.message ?? null);
    case 'node.started':
      return typeof data['attempt'] === 'number' && data['attempt'] > 1
        ? `running, attempt ${data['attempt']}`
        : 'running';
    case 'node.progress':
      return withText(`${Math.floor(Number(data['percent'] ?? 0))}%`, readText(data['message']), ' ');
    case 'node.findings':
      return withText('findings', readText(data['findings']));
    case 'node.completed': {
      const failure = readError(data['fallback_for']);
      return failure === null ? 'completed' : withText('completed with its fallback', failure.message);
    }
    case 'node.waiting':
      return waitingLine(data);
    case 'node.answered':
      if (data['by'] === 'event') return 'its event has come';
      return data['by'] === 'default' ? 'not answered in time; goes on with the default' : 'answered';
    case 'node.retrying':
      return withText(
        `waiting for its next attempt (at ${readText(data['until']) ?? 'a later time'})`,
        error?.message ?? null,
      );
    case 'node.skipped':
      return withText('skipped', readText(data['reason']));
    case 'node.cancelled':
      return 'cancelled';
    default:
      return null;
  }
}

function waitingLine(data: ApiEvent['data']): string {
  const until = readText(data['until']);
  const question = data['question'];
  switch (data['for']) {
    case 'answer': {
      const asked = isJsonObject(question) ? readText(question['message']) : null;
      return withText(until === null ? 'waiting for an answer' : `waiting for an answer until ${until}`, asked);
    }
    case 'event': {
      const { event } = data;
      const name = isJsonObject(event) ? readText(event['name']) : null;
      return withText(until === null ? 'waiting for an event' : `waiting for an event until ${until}`, name);
    }
    case 'run':
      return `waiting for ${readText(data['run_id']) ?? 'another run'}`;
    case 'nodes':
      return until === null ? 'waiting inside' : `waiting inside until ${until}`;
    default:
      return `waiting until ${until ?? 'a later time'}`;
  }
}

function withText(what: string, text: string | null, joint = ': '): string {
  return text === null || text === '' ? what : `${what}${joint}${text}`;
}
