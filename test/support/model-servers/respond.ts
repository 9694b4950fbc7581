import type { ServerResponse } from 'node:http';
import type {
  Dialect,
  ErrorAnswer,
  Fields,
  MalformedAnswer,
  ServerEvent,
  SpokenAnswer,
  WholeAnswer,
} from './answers.js';

const MESSAGES: { readonly [status: number]: string } = {
  400: 'Invalid request.',
  401: 'Incorrect API key provided.',
  403: 'Your account may not do this.',
  404: 'The model does not exist or you do not have access to it.',
  429: 'Rate limit reached for requests.',
  500: 'The server had an error while processing your request.',
  503: 'The server is overloaded.',
  529: 'Overloaded',
};

function withMessage(error: ErrorAnswer): ErrorAnswer & { readonly message: string } {
  return { ...error, message: error.message ?? MESSAGES[error.status] ?? 'Something went wrong.' };
}

export function respondWithError(response: ServerResponse, dialect: Dialect, error: ErrorAnswer): void {
  response.writeHead(error.status, { 'content-type': 'application/json', ...error.headers });
  response.end(error.body ?? JSON.stringify(dialect.error(withMessage(error))));
}

export function respondMalformed(response: ServerResponse, { what }: MalformedAnswer, stream: boolean): void {
  const page = '<!doctype html><title>Welcome</title><p>Please sign in to use this network.';
  // Nothing is required of what Google says, so one of its names is there for something else.
  const shape = '{"hello":"world","candidates":"none"}';
  const text = { json: '{"id": "x", "cho', shape, html: page, empty: '' }[what];
  if (what === 'html' || !stream) {
    response.writeHead(200, { 'content-type': what === 'html' ? 'text/html' : 'application/json' }).end(text);
    return;
  }
  response.writeHead(200, STREAM_HEADERS).end(what === 'empty' ? '' : write({ data: text }));
}

const STREAM_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };

function write({ event, data }: ServerEvent): string {
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`;
}

/** Ends the connection so that the other side sees it break. */
function hangUp(response: ServerResponse, onCut: () => void): void {
  onCut();
  response.destroy();
}

/** Says a model's answer, whole or as a stream, with what is to go wrong on the way. */
export async function speak(params: {
  readonly response: ServerResponse;
  readonly dialect: Dialect;
  readonly body: Fields;
  readonly stream: boolean;
  readonly spoken: SpokenAnswer;
  readonly answer: WholeAnswer;
  readonly onCut: () => void;
}): Promise<void> {
  const { response, dialect, body, spoken, answer, onCut } = params;
  if (spoken.delayMs !== undefined) await pause(spoken.delayMs, response);
  if (spoken.cut === 'before') {
    hangUp(response, onCut);
    return;
  }
  if (!params.stream) {
    await speakWhole(params);
    return;
  }
  response.writeHead(200, STREAM_HEADERS);
  const events = dialect.stream(answer, body);
  const breaks = spoken.cut !== undefined || spoken.stall === true || spoken.breakWith !== undefined;
  const sent = breaks && spoken.breaksLate !== true ? events.slice(0, Math.ceil(events.length / 2)) : events;
  if (spoken.dripMs === undefined) {
    const text = sent.map(write).join('');
    if (!breaks) {
      response.end(text);
      return;
    }
    await flush(response, text);
  } else {
    for (const event of sent) {
      if (response.destroyed) return;
      await flush(response, write(event));
      await pause(spoken.dripMs, response);
    }
  }
  if (spoken.stall === true) return;
  if (spoken.cut === 'middle') hangUp(response, onCut);
  else if (spoken.breakWith === undefined) response.end();
  else response.end(write(dialect.streamError(withMessage(spoken.breakWith))));
}

async function speakWhole(params: Parameters<typeof speak>[0]): Promise<void> {
  const { response, dialect, body, spoken, answer, onCut } = params;
  const text = JSON.stringify(dialect.whole(answer, body));
  if (spoken.cut === undefined && spoken.stall !== true) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  await flush(response, text.slice(0, text.length / 2));
  if (spoken.stall !== true) hangUp(response, onCut);
}

function flush(response: ServerResponse, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) resolve();
    else response.write(text, () => resolve());
  });
}

/** Ends early when the caller hangs up. */
function pause(ms: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      response.off('close', done);
      resolve();
    }
    response.once('close', done);
  });
}
