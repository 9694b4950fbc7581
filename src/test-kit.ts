/** For tests of workflows: `import { testWorkflow } from 'errand/testing'`. */
export { testWorkflow } from './app/trial/test-workflow.js';
export type { TestRun, TestWait, TestWorkflowOptions, WorkflowTest } from './app/trial/workflow-test.js';
export type { Fake, FakeOutcome, Fakes, NodeCall } from './app/trial/fakes.js';
export type { ModelReply, ModelScript } from './app/trial/scripted-models.js';
export type { TrialSource } from './app/trial/load-source.js';
