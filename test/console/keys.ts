import type { Locator, Page } from 'playwright-core';

/** More stops than any screen has before its main action. */
const MAX_STOPS = 80;

export async function pressAll(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** The name of what has the focus, and empty where nothing shows that it has. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement: element } = document;
    if (!(element instanceof HTMLElement) || element === document.body) return '';
    const { outlineStyle } = getComputedStyle(element);
    if (outlineStyle === 'none' && element.id !== 'content') return '';
    const { labels } = element as Partial<HTMLInputElement>;
    return (element.ariaLabel ?? labels?.[0]?.innerText ?? element.innerText).trim();
  });
}

/** As Ctrl+V does. */
export function pasteInto(place: Locator, text: string): Promise<void> {
  return place.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** Presses Tab until that has the focus, as somebody does who has no mouse. */
export async function tabTo(page: Page, name: string | RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const passed: string[] = [];
  for (let stop = 0; stop < MAX_STOPS; stop += 1) {
    await page.keyboard.press(key);
    const here = await focused(page);
    if (typeof name === 'string' ? here === name : name.test(here)) return;
    passed.push(here);
  }
  throw new Error(`${key} does not lead to ${String(name)}, but to ${passed.join(' | ')}`);
}
