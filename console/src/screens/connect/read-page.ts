/** A part of a host's section: words, or something to paste. */
export type PagePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly language: string; readonly code: string };

export interface HostSection {
  readonly name: string;
  readonly parts: readonly PagePart[];
}

/** The sections of docs/connect.md that are about no host. */
const OTHER_SECTIONS = ['When it does not work'];
const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

/** The sections of the page, one for each host, with this server's address in the place of the page's. */
export function readHosts(page: string, serverUrl: string): readonly HostSection[] {
  const here = page.replaceAll('http://127.0.0.1:8787', serverUrl).replaceAll('https://errand.example', serverUrl);
  return here
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const end = section.indexOf('\n');
      const name = section.slice(0, end);
      return OTHER_SECTIONS.includes(name) ? [] : [{ name, parts: readParts(section.slice(end + 1)) }];
    });
}

function readParts(section: string): readonly PagePart[] {
  const parts: PagePart[] = [];
  let from = 0;
  for (const match of section.matchAll(FENCE)) {
    parts.push(...readTexts(section.slice(from, match.index)));
    parts.push({ kind: 'code', language: match[1] ?? '', code: (match[2] ?? '').trimEnd() });
    from = match.index + match[0].length;
  }
  return [...parts, ...readTexts(section.slice(from))];
}

/** Paragraphs, without the Markdown of their links. */
function readTexts(text: string): readonly PagePart[] {
  return text
    .split(/\n{2,}/)
    .map((paragraph) =>
      paragraph
        .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
        .replaceAll('\n', ' ')
        .trim(),
    )
    .flatMap((paragraph) => (paragraph === '' ? [] : [{ kind: 'text', text: paragraph } as const]));
}
