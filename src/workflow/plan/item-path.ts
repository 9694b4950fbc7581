/**
 * Under which path the function of an item of a list is known: `<node id>/tools/<name>`, with its place (from 0) where
 * it has no name.
 */
export function itemPath(list: string, item: unknown, index: number): string {
  const name = typeof item === 'object' && item !== null && 'name' in item ? item.name : undefined;
  return `${list}/${typeof name === 'string' ? name : index}`;
}
