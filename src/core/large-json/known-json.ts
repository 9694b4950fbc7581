/** The JSON of what is about to be kept, written beforehand because it is large. */
const texts = new WeakMap<object, string>();
/** Most processes never note any, and all events are asked for. */
let isAnyNoted = false;

/** `holder`: what is never changed, and has one JSON text: an event, or a run for its output. */
export function noteJson(holder: object, json: string): void {
  isAnyNoted = true;
  texts.set(holder, json);
}

export function findKnownJson(holder: object): string | undefined {
  return isAnyNoted ? texts.get(holder) : undefined;
}
