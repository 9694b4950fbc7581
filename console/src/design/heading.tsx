import { useEffect, type ReactNode } from 'react';
import { text } from '../text/en.js';

/** What a screen is about. The browser's tab says it, too. */
export function Heading({
  title,
  state,
  children = title,
}: {
  readonly title: string;
  /** What the tab says before it. */
  readonly state?: string;
  readonly children?: ReactNode;
}): ReactNode {
  const name = state === undefined ? title : `${state}: ${title}`;
  useEffect(() => {
    document.title = `${name} · ${text.product}`;
  }, [name]);
  return <h1 className="text-xl wrap-anywhere">{children}</h1>;
}
