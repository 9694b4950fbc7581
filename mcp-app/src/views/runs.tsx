import { mount } from '../mount.js';
import { RunsApp } from '../runs-app.js';
import { RunsModel } from '../runs-model.js';

mount('errand-runs', (frame, redraw) => {
  const model = new RunsModel(frame, redraw);
  return {
    shown: {
      onInput: (args) => model.takeInput(args),
      onResult: (result) => model.takeResult(result),
      onReady: () => model.askNow(),
      onEnd: () => model.end(),
    },
    draw: () => <RunsApp frame={frame} model={model} />,
  };
});
