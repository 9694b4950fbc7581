/** The JSON of what is about to be kept, written beforehand because it is large. */
const texts = new WeakMap<object, string>();

/** `holder`: what is never changed, and has one JSON text: an event, or a run for its output. */
export function noteJson(holder: object, json: string): void {
  texts.set(holder, json);
}

export function findKnownJson(holder: object): string | undefined {
  return texts.get(holder);
}
