/** The parser's work grows with the square of the depth; browsers stop nesting at about 500. */
const MAX_DEPTH = 256;
const MAX_TAGS = 30_000;

const VOID = words('area base br col embed hr img input link meta param source track wbr');
/** Those whose end may be left out: the next one ends them. */
const SELF_ENDING = words(
  'p li dt dd option optgroup tr td th thead tbody tfoot caption colgroup rt rp html head body',
);
/** What stands in these is text. */
const RAW = words('script style textarea title xmp iframe noembed noframes');
const FOREIGN = words('svg math');

function words(text) {
  return new Set(text.split(' '));
}

/**
 * Where a page is to be cut before it is parsed: where it nests too deep, or has too many tags. Its length when nowhere. Goes through the text once. What it
 * takes for tags is about what a parser does; where it errs, the time limit of whoever parses remains.
 */
export function cutPlace(html) {
  let depth = 0;
  let foreign = 0;
  let tags = 0;
  for (let at = html.indexOf('<'); at !== -1; at = html.indexOf('<', at)) {
    if (html.startsWith('<!--', at)) {
      at = after(html, '-->', at + 4);
      continue;
    }
    const isEnd = html[at + 1] === '/';
    const name = nameAt(html, at + (isEnd ? 2 : 1));
    if (name === '') {
      at += 1;
      continue;
    }
    const end = endOfTag(html, at + name.length + 1);
    const isOpen = !isEnd && !VOID.has(name) && !(foreign > 0 && html[end - 2] === '/');
    if (FOREIGN.has(name)) foreign = Math.max(0, foreign + (isEnd ? -1 : isOpen ? 1 : 0));
    if (!SELF_ENDING.has(name) && !VOID.has(name)) depth = Math.max(0, depth + (isEnd ? -1 : isOpen ? 1 : 0));
    tags += 1;
    if (depth > MAX_DEPTH || tags > MAX_TAGS) return at;
    at = isOpen && RAW.has(name) && foreign === 0 ? endOfText(html, name, end) : end;
  }
  return html.length;
}

const NAME = /[A-Za-z][A-Za-z0-9-]{0,30}/y;

function nameAt(html, at) {
  NAME.lastIndex = at;
  return NAME.exec(html)?.[0].toLowerCase() ?? '';
}

const IN_TAG = /[>"']/g;

/** Behind the `>` that ends the tag; one within a quoted value does not. */
function endOfTag(html, from) {
  let at = from;
  for (;;) {
    IN_TAG.lastIndex = at;
    const found = IN_TAG.exec(html);
    if (found === null) return html.length;
    if (found[0] === '>') return found.index + 1;
    at = html[found.index - 1] === '=' ? after(html, found[0], found.index + 1) : found.index + 1;
  }
}

/** Where the end tag stands of an element whose content is text. */
function endOfText(html, name, from) {
  const end = new RegExp(`</${name}`, 'gi');
  end.lastIndex = from;
  return end.exec(html)?.index ?? html.length;
}

function after(html, text, from) {
  const found = html.indexOf(text, from);
  return found === -1 ? html.length : found + text.length;
}
