import { hostileStrings, hostileStructures, type HostileText, type Place } from '../hostile-json.js';
import type { HttpRequest, Probe } from '../measured-server.js';

/**
 * Probes that belong together: they are sent one after the other, and measured together unless one of them is too slow.
 */
export interface ProbeGroup {
  readonly name: string;
  readonly probes: readonly Probe[];
}

/** What there is to ask about. */
export interface Known {
  /** Of a run that has ended, with a large output; bare. */
  readonly runId: string;
  /** Of a run with a large log; bare. */
  readonly longLogId: string;
  /** Of a run that asks; bare. */
  readonly askingId: string;
}

/** Just below the largest body, with room for what is around a value. */
export const BODY_BYTES = 1_048_576 - 1_500;
/** Just below the largest head, with room for its other fields. */
export const HEAD_BYTES = 15_000;

export const STRUCTURES = hostileStructures(BODY_BYTES);
export const STRINGS = hostileStrings(BODY_BYTES);
/** Of each sort one: for places that are read like many others. */
const FEW = [...STRUCTURES, ...STRINGS].filter(({ name }) =>
  [
    'a list of objects with two names of their own each',
    'an object of unknown names',
    'more different names than are let in',
    'blanks and a letter',
    'JSON in a text, objects',
  ].includes(name),
);

/** Whether all is sent, at its whole size. */
export const IS_WHOLE = process.env['ERRAND_TEST_EVENT_LOOP'] === '1';

/** Places are many, and most are read alike: each has one in so many of the texts, and its neighbours others. */
export function shareOf<Text>(texts: readonly Text[], place: number, oneIn = 4): readonly Text[] {
  return IS_WHOLE ? texts : texts.filter((_, index) => (index + place) % oneIn === 0);
}

function textsFor({ isText }: Place, place: number): readonly HostileText[] {
  const few = shareOf(FEW, place, FEW.length);
  return isText ? [...few, ...shareOf(STRINGS, place, Math.ceil(STRINGS.length / 2))] : few;
}

/** For places in a head. */
export const HEAD_STRINGS: readonly string[] = hostileStrings(HEAD_BYTES).map(({ text }) =>
  text.toString().slice(1, -1),
);

export function bodyProbe(name: string, request: Omit<HttpRequest, 'body'>, body: readonly Buffer[]): Probe {
  return { name, send: async (server) => void (await server.send({ ...request, body })) };
}

/** A request for each of these places and each text that may stand there. */
export function groupsOfPlaces(
  name: string,
  request: Omit<HttpRequest, 'body'>,
  places: readonly Place[],
): readonly ProbeGroup[] {
  const groups = places.map((place, index) => ({
    name: `${name} at ${place.pointer}`,
    probes: textsFor(place, index).map(({ name: text, text: hostile }) =>
      bodyProbe(text, request, [place.before, hostile, place.behind]),
    ),
  }));
  // Of each request some, of others other ones: the length of a name is as good as any number.
  return groups.length < 2 ? groups : shareOf(groups, name.length, 2);
}
