import { render } from 'preact';
import { App } from './app.js';
import { RunModel } from './run-model.js';

const root = document.getElementById('root');
if (root !== null) {
  const model = new RunModel((view) => {
    document.documentElement.style.colorScheme = view.context.theme ?? 'light dark';
    for (const [name, value] of Object.entries(view.context.styles?.variables ?? {})) {
      if (value !== undefined) document.documentElement.style.setProperty(name, value);
    }
    render(<App view={view} model={model} />, root);
  });
  const tellSize = (): void => model.tellSize(root.scrollWidth, Math.ceil(root.getBoundingClientRect().height));
  void model.connect().then(() => {
    new ResizeObserver(tellSize).observe(root);
  });
}
