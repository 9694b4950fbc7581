import { mount } from '../mount.js';
import { RunApp } from '../run-app.js';
import { RunModel } from '../run-model.js';

mount('errand-run', (frame, redraw) => {
  const model = new RunModel(frame, redraw);
  return {
    shown: {
      onInput: (args) => model.takeId(args['run_id']),
      onResult: (result) => model.takeResult(result),
      onReady: () => model.askNow(),
      onEnd: () => model.end(),
    },
    draw: () => <RunApp frame={frame} model={model} />,
  };
});
