import { formatTraceparent, isSampled, parseTraceparent, SAMPLED, type Place } from './place.js';

type Read = (name: string) => string | undefined;

interface Format {
  readonly read: (field: Read) => Place | null;
  readonly write: (place: Place) => { readonly [field: string]: string };
}

/** How traces are written into headers, and into `_meta` of MCP messages. */
export class Propagation {
  readonly #formats: readonly Format[];

  /** `names`: as in `OTEL_PROPAGATORS`. */
  constructor(names: readonly PropagatorName[]) {
    this.#formats = names.flatMap((name) => FORMATS[name] ?? []);
  }

  /** Where somebody's trace comes from; null where none comes along. */
  extract(field: Read): Place | null {
    for (const { read } of this.#formats) {
      const place = read(field);
      if (place !== null) return place;
    }
    return null;
  }

  /** What others are told of the place. */
  inject(place: Place): { readonly [field: string]: string } {
    const [first] = this.#formats;
    if (this.#formats.length === 1 && first !== undefined) return first.write(place);
    return Object.assign({}, ...this.#formats.map(({ write }) => write(place))) as { [field: string]: string };
  }
}

export const PROPAGATORS = ['tracecontext', 'b3', 'b3multi', 'baggage', 'none'] as const;
export type PropagatorName = (typeof PROPAGATORS)[number];

const HEX = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/;

/** Baggage of callers is not passed on. */
const FORMATS: { readonly [name in PropagatorName]?: Format } = {
  tracecontext: {
    read: (field) => {
      const traceparent = field('traceparent');
      return traceparent === undefined ? null : parseTraceparent(traceparent, field('tracestate'));
    },
    write: (place) =>
      place.state === ''
        ? { traceparent: formatTraceparent(place) }
        : { traceparent: formatTraceparent(place), tracestate: place.state },
  },
  b3: {
    read: (field) => {
      const [traceId, spanId, sampled] = field('b3')?.split('-') ?? [];
      return fromB3(traceId, spanId, sampled);
    },
    write: (place) => ({ b3: `${place.traceId}-${place.spanId}-${isSampled(place) ? 1 : 0}` }),
  },
  b3multi: {
    read: (field) => {
      const sampled = field('x-b3-flags') === '1' ? 'd' : field('x-b3-sampled');
      return fromB3(field('x-b3-traceid'), field('x-b3-spanid'), sampled);
    },
    write: (place) => ({
      'x-b3-traceid': place.traceId,
      'x-b3-spanid': place.spanId,
      'x-b3-sampled': isSampled(place) ? '1' : '0',
    }),
  },
};

function fromB3(traceId: string | undefined, spanId: string | undefined, sampled: string | undefined): Place | null {
  if (traceId === undefined || spanId === undefined || !HEX.test(traceId)) return null;
  const flags = sampled === '0' || sampled === 'false' ? '00' : `0${SAMPLED}`;
  return parseTraceparent(`00-${traceId.padStart(32, '0')}-${spanId}-${flags}`);
}
