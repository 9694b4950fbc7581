/** Where links to the parts of a screen stand beside each other and do not all fit: so that the chosen one is seen. */
export function showPart(link: HTMLElement | null): void {
  const row = link?.parentElement;
  if (link === null || row === null || row === undefined) return;
  const [own, seen] = [link.getBoundingClientRect(), row.getBoundingClientRect()];
  if (own.right > seen.right) row.scrollLeft += own.right - seen.right;
  else if (own.left < seen.left) row.scrollLeft -= seen.left - own.left;
}
