const RELOADED_AT = 'errand.reloaded-at';
/** A file that is missing after the page was loaded anew is missing for another reason. */
const AGAIN_MS = 60_000;

/**
 * A page that was opened before the server was updated asks for files that are gone. It is loaded anew then, once; what
 * it shows is in its address.
 */
export function reloadStalePage(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem(RELOADED_AT) ?? 0);
    if (Date.now() < last + AGAIN_MS) return;
    event.preventDefault();
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
    window.location.reload();
  });
}
