/** Whether a node is the workflow's own, and not one inside another, which has a path: `each[3].one`. */
export function isOwnNode(node: string): boolean {
  return !/[.[]/.test(node);
}
