/**
 * How the keyboard goes through what a screen lists. A row, or a card, has `data-row`; what opens it has `data-open`, or
 * is the row itself. A row that nothing opens has the focus itself (`tabIndex={-1}`), and its buttons come after it.
 */
const ROWS = 'main [data-row]';
/** After a list is gone back to, its rows may come for so long. */
const RETURN_MS = 3_000;

const openerOf = (row: HTMLElement): HTMLElement => row.querySelector<HTMLElement>('[data-open]') ?? row;

/** Whether what it leads to is open beside the list. Links say `page`, whatever they are told to. */
const isOpen = (row: HTMLElement): boolean => ['true', 'page'].includes(openerOf(row).ariaCurrent ?? '');

function listRows(): readonly HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(ROWS)].filter((row) => row.checkVisibility());
}

function focusRow(row: HTMLElement | undefined): void {
  if (row === undefined) return;
  openerOf(row).focus();
  row.scrollIntoView({ block: 'nearest' });
}

function holdsFocus(row: Element): boolean {
  return row.contains(document.activeElement);
}

/** To the next row, or the one before; at first to the one that is open beside the list, or the first of all. */
function goBy(step: 1 | -1): void {
  const rows = listRows();
  const at = rows.findIndex(holdsFocus);
  const open = at === -1 ? rows.findIndex(isOpen) : at;
  focusRow(rows[open === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, open + step))]);
}

/** Whether the key has done something to rows. */
export function onRowKey(key: string): boolean {
  const row = document.activeElement?.closest<HTMLElement>('[data-row]') ?? null;
  if (key === 'j' || (key === 'ArrowDown' && row !== null)) goBy(1);
  else if (key === 'k' || (key === 'ArrowUp' && row !== null)) goBy(-1);
  else if (row === null) return false;
  else if (key === 'x') row.querySelector<HTMLElement>('[data-select]')?.click();
  // Nothing opens it: on to what can be done with it.
  else if (key === 'Enter' && row === document.activeElement && row.tabIndex === -1)
    row.querySelector<HTMLElement>('a, button')?.focus();
  else return false;
  return true;
}

/** Closes what is open beside a list, or else goes back to the list; the focus comes back to the row that led there. */
export function goBack(): boolean {
  // What was opened last stands last.
  const back = [...document.querySelectorAll<HTMLAnchorElement>('main a[data-back]')].at(-1);
  if (back === undefined) return false;
  const row = listRows().find(isOpen);
  const { pathname } = location;
  back.click();
  if (back.pathname === pathname) focusRow(row);
  else focusWhenShown(pathname);
  return true;
}

/** Gives the focus to the row that leads to that path once it is there, unless somebody has gone elsewhere since. */
function focusWhenShown(pathname: string): void {
  const find = (): HTMLElement | undefined =>
    listRows().find((each) => (openerOf(each) as Partial<HTMLAnchorElement>).pathname === pathname);
  const observer = new MutationObserver(() => {
    const row = find();
    if (row === undefined) return;
    stop();
    const { activeElement: focused } = document;
    if (focused === null || focused === document.body || focused.id === 'content') focusRow(row);
  });
  const timer = setTimeout(stop, RETURN_MS);
  function stop(): void {
    observer.disconnect();
    clearTimeout(timer);
  }
  observer.observe(document.body, { childList: true, subtree: true });
}

/** Follows the n-th link of the parts of a screen. */
export function openPart(number: number): boolean {
  const part = document.querySelectorAll<HTMLElement>('main [data-parts] a')[number - 1];
  part?.focus();
  part?.click();
  return part !== undefined;
}
