import { mount } from '../mount.js';
import { WorkflowApp } from '../workflow-app.js';
import { WorkflowModel } from '../workflow-model.js';

mount('errand-workflow', (frame, redraw) => {
  const model = new WorkflowModel(frame, redraw);
  return {
    shown: {
      onInput: () => undefined,
      onResult: (result) => model.takeResult(result),
      onReady: () => model.askNow(),
      onEnd: () => model.end(),
    },
    draw: () => <WorkflowApp frame={frame} model={model} />,
  };
});
