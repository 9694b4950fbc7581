const RELOADED_AT = 'errand.reloaded-at';
/** A file that is missing after the page was loaded anew is missing for another reason. */
const AGAIN_MS = 60_000;
let isLeaving = false;

/**
 * A page that was opened before the server was updated asks for files that are gone. It is loaded anew then, once; what
 * it shows is in its address.
 */
export function reloadStalePage(): void {
  window.addEventListener('vite:preloadError', (event) => {
    if (isLeaving) {
      // The browser ends all that is still being fetched.
      event.preventDefault();
      return;
    }
    const last = Number(sessionStorage.getItem(RELOADED_AT) ?? 0);
    if (Date.now() < last + AGAIN_MS) return;
    event.preventDefault();
    isLeaving = true;
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
    window.location.reload();
  });
}

/** A part of the console that is fetched when it is needed; of a page that is being loaded anew, never there. */
export async function loadPart<Part>(load: () => Promise<Part>): Promise<Part> {
  // Undefined: it could not be fetched, and the event was prevented.
  const part = (await load()) as Part | undefined;
  return part ?? (await new Promise<never>(() => undefined));
}
