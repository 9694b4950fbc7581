import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Assembly } from './assemble.js';
import type { Config } from '../config/config.js';
import type { Fault } from '../../core/workflow/definition.js';
import { ErrandError, errorMessage } from '../../core/errors.js';
import type { Logger } from '../../core/ports/logger.js';
import type { LoadedFolder, LoadedWorkflow } from '../../loader/load-folder.js';
import { watchFolder } from '../../loader/watch/watch-folder.js';
import { nodeKinds } from '../../nodes/registry.js';
import { recordVersions } from '../../service/audit/record-versions.js';
import { mergeFolder } from './workflow-set.js';

const UNWATCHED =
  'The system has no file watches left: changes of the workflows folder are looked for every second instead. ' +
  'On Linux, fs.inotify.max_user_watches and max_user_instances say how many there are.';

/** The folder of workflows, as it is followed. */
export interface ServedFolder {
  /** What was loaded first. */
  readonly initial: LoadedFolder;
  /** What was wrong with it when it was loaded last. */
  readonly readFaults: () => readonly string[];
}

/** Loads the folder of workflows, and follows its changes until it is cleaned up. */
export async function serveWorkflows(
  config: Config,
  assembly: Assembly,
  cleanUps: (() => Promise<void>)[],
): Promise<ServedFolder> {
  const { workflowsDir: dir } = config;
  const { catalog, logger, dataDir } = assembly;
  if (!existsSync(dir)) {
    throw new ErrandError(
      'invalid_input',
      `There is no workflows folder ${dir}. Make it, or name another with --workflows.`,
    );
  }
  await assembly.published.refresh();
  let current: readonly LoadedWorkflow[] = [];
  let faults: readonly string[] = [];
  const watch = await watchFolder({
    dir,
    kinds: nodeKinds,
    dataDir,
    isolation: catalog.isolation,
    env: { ...process.env, ...config.environment },
    inspect: assembly.workers.inspect,
    exclusively: (work) => assembly.loading.take(work),
    onChange: async (loaded) => {
      logFaults(logger, loaded);
      faults = loaded.faults.map(describeFault);
      current = mergeFolder(current, loaded, (file) => existsSync(join(dir, file)));
      const since = assembly.clock.now();
      await catalog.replaceAll(current);
      await recordVersions(assembly, since);
      assembly.setResources(loaded.resources);
      assembly.mcp.configure(loaded.mcpServers);
      assembly.setModels(loaded.models);
      logger.info({ workflows: current.map(({ definition }) => definition.id) }, 'Workflows were loaded');
    },
    onError: (error) => logger.error({ error: errorMessage(error) }, 'The workflows folder could not be followed'),
    onUnwatched: (error) => logger.warn({ error: errorMessage(error) }, UNWATCHED),
  });
  cleanUps.push(() => watch.close());
  return { initial: watch.initial, readFaults: () => faults };
}

function logFaults(logger: Logger, { faults }: LoadedFolder): void {
  for (const fault of faults) logger.error({ fault }, `A workflow has a fault: ${describeFault(fault)}`);
}

function describeFault({ file, line, column, path, message }: Fault): string {
  const place = [file, line, column].filter((part) => part !== null).join(':');
  return `${place}: ${path === '' ? '' : `${path}: `}${message}`;
}
