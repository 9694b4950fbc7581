import { render, type ComponentChild } from 'preact';
import { Frame, type Shown } from './frame.js';

/** A view in its frame: what it does with what it is told, and how it looks. */
export interface Mounted {
  readonly shown: Shown;
  readonly draw: () => ComponentChild;
}

/** Shows a view in the page, in the host's colours, and tells the host how large it is. */
export function mount(name: string, make: (frame: Frame, redraw: () => void) => Mounted): void {
  const root = document.getElementById('root');
  if (root === null) return;
  const redraw = (): void => {
    const { theme, styles } = frame.context;
    document.documentElement.style.colorScheme = theme ?? 'light dark';
    for (const [property, value] of Object.entries(styles?.variables ?? {})) {
      if (value !== undefined) document.documentElement.style.setProperty(property, value);
    }
    render(mounted.draw(), root);
  };
  const frame: Frame = new Frame(name, {
    shown: {
      onInput: (args) => mounted.shown.onInput(args),
      onResult: (result) => mounted.shown.onResult(result),
      onReady: () => mounted.shown.onReady(),
      onEnd: () => mounted.shown.onEnd(),
    },
    onChange: redraw,
  });
  const mounted = make(frame, redraw);
  const tellSize = (): void => frame.tellSize(root.scrollWidth, Math.ceil(root.getBoundingClientRect().height));
  void frame.connect().then(() => {
    mounted.shown.onReady();
    redraw();
    new ResizeObserver(tellSize).observe(root);
  });
}
