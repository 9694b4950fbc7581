import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { Panel } from '../../design/panel.js';
import { text } from '../../text/en.js';

const t = text.design;

/** Ink and the ground that it stands on, as `styles.css` and `colors.css` name them. */
const PAIRS = [
  ['ink', 'panel'],
  ['soft', 'panel'],
  ['soft', 'sunken'],
  ['link', 'panel'],
  ['on-accent', 'accent'],
  ['on-accent', 'danger'],
  ['pending', 'pending-ground'],
  ['running', 'running-ground'],
  ['waiting', 'waiting-ground'],
  ['completed', 'completed-ground'],
  ['partial', 'partial-ground'],
  ['failed', 'failed-ground'],
  ['cancelled', 'cancelled-ground'],
] as const;
const GROUNDS = ['ground', 'panel', 'sunken', 'line', 'edge'] as const;

export function Colours(): ReactNode {
  return (
    <Panel title={t.colours}>
      <p className="mb-3 text-sm text-soft">{t.coloursAbout}</p>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(13rem,100%),1fr))] gap-3">
        {PAIRS.map(([ink, ground]) => (
          <li key={`${ink} ${ground}`}>
            <Pair ink={ink} ground={ground} />
          </li>
        ))}
      </ul>
      <h3 className="mt-5 mb-2 text-sm">{t.grounds}</h3>
      <ul className="flex flex-wrap gap-3">
        {GROUNDS.map((name) => (
          <li key={name} className="text-xs text-soft">
            <span
              aria-hidden
              className="mb-1 block h-10 w-24 rounded-md border border-line"
              style={{ background: `var(--${name})` }}
            />
            <code>{name}</code>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Pair({ ink, ground }: { readonly ink: string; readonly ground: string }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const [ratio, setRatio] = useState<number | null>(null);
  useLayoutEffect(() => {
    const look = (): void => setRatio(place.current === null ? null : contrastOf(place.current));
    look();
    const themes = new MutationObserver(look);
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', look);
    return () => {
      themes.disconnect();
      system.removeEventListener('change', look);
    };
  }, []);
  return (
    <div
      ref={place}
      className="rounded-md border border-line px-3 py-2"
      style={{ color: `var(--${ink})`, background: `var(--${ground})` }}
    >
      <p className="font-medium">{ink}</p>
      <p className="flex justify-between gap-2 text-xs">
        <code>{ground}</code>
        <span className="tabular-nums">{ratio !== null && t.contrast(ratio.toFixed(1))}</span>
      </p>
    </div>
  );
}

/** As WCAG 2.2 has it. */
function contrastOf(element: HTMLElement): number {
  const { color, backgroundColor } = getComputedStyle(element);
  const [one, other] = [luminanceOf(color), luminanceOf(backgroundColor)];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

function luminanceOf(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).slice(0, 3).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
