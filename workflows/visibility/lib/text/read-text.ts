import type { CheerioAPI } from 'cheerio';
import { oneLine } from '../../../site_checkup/lib/site.js';

type Node = Parameters<CheerioAPI['contains']>[1];

const UNSEEN: ReadonlySet<string> = new Set(['script', 'style', 'noscript', 'template']);
/** Without a blank behind these, the words of neighbouring blocks run together. */
const BLOCKS: ReadonlySet<string> = new Set('br p li h1 h2 h3 h4 td th div section dt dd'.split(' '));

/** What a visitor reads of these, on one line, at most about so many characters. Goes through every node once. */
export function readText(nodes: readonly Node[], most: number): string {
  const texts: string[] = [];
  let length = 0;
  const left: (Node | string)[] = nodes.toReversed();
  for (let next = left.pop(); next !== undefined && length <= most; next = left.pop()) {
    const text = typeof next === 'string' ? next : textOf(next);
    if (text !== null) {
      texts.push(text);
      length += text.length;
    } else if (typeof next !== 'string' && 'children' in next) {
      const name = 'name' in next ? next.name : '';
      if (UNSEEN.has(name)) continue;
      if (BLOCKS.has(name)) left.push(' ');
      for (const child of next.children.toReversed()) left.push(child);
    }
  }
  return oneLine(texts.join('').slice(0, most));
}

/** Null for what is no text. */
function textOf(node: Node): string | null {
  const type: string = node.type;
  return type === 'text' && 'data' in node ? node.data : null;
}
