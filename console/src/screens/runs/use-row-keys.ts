import { useEffect, type RefObject } from 'react';
import { isTyping } from '../../app/shortcuts.js';

/** `j` and `k` go from row to row, `x` selects one; Enter follows the link that has the focus, as ever. */
export function useRowKeys(rows: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'x') {
        const row = document.activeElement?.closest('tr');
        return row?.querySelector<HTMLElement>('[data-select]')?.click();
      }
      const step = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0;
      if (step === 0) return;
      const links = [...(rows.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
      const at = links.findIndex((link) => link === document.activeElement);
      const next = links[at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))];
      next?.focus();
      next?.scrollIntoView({ block: 'nearest' });
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [rows]);
}
