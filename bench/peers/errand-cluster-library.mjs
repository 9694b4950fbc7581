import { openLibrary, startParts } from '../cluster/errand-library.mjs';
import { runThree, threeSteps } from '../lib/three-steps-in-code.mjs';

/** Errand in the process that asks, as Restate's own SDK and DBOS are measured: no HTTP between it and its caller. */
export async function start({ folder }) {
  const parts = await startParts(folder);
  const errand = await openLibrary(parts, threeSteps);
  return {
    three: (n) => runThree(errand, n),
    stop: async () => {
      await errand.close();
      await parts.stop();
    },
  };
}
