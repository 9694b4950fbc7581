import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Assembly } from './assemble.js';
import type { Config } from '../config/config.js';
import type { Fault } from '../../core/workflow/definition.js';
import { ErrandError, errorMessage } from '../../core/errors.js';
import type { Logger } from '../../core/ports/logger.js';
import { loadFolder, type LoadedFolder, type LoadedWorkflow } from '../../loader/load-folder.js';
import { watchFolder } from '../../loader/watch/watch-folder.js';
import { nodeKinds } from '../../nodes/registry.js';
import { mergeFolder } from './workflow-set.js';

/** Loads the folder of workflows and follows its changes. */
export async function serveWorkflows(
  config: Config,
  assembly: Assembly,
  cleanUps: (() => Promise<void>)[],
): Promise<LoadedFolder> {
  const { workflowsDir: dir } = config;
  const { catalog, logger, dataDir } = assembly;
  const env = { ...process.env, ...config.environment };
  const source = { dir, kinds: nodeKinds, dataDir, env };
  if (!existsSync(dir)) {
    throw new ErrandError(
      'invalid_input',
      `There is no workflows folder ${dir}. Make it, or name another with --workflows.`,
    );
  }
  const initial = await loadFolder(source);
  let current: readonly LoadedWorkflow[] = initial.workflows;
  const takeOn = async ({ resources, mcpServers, models }: LoadedFolder): Promise<void> => {
    await catalog.replaceAll(current);
    assembly.setResources(resources);
    assembly.mcp.configure(mcpServers);
    assembly.setModels(models);
  };
  await takeOn(initial);
  logFaults(logger, initial);
  const watch = watchFolder({
    ...source,
    initial,
    exclusively: (work) => assembly.loading.take(work),
    onChange: async (loaded) => {
      logFaults(logger, loaded);
      current = mergeFolder(current, loaded, (file) => existsSync(join(dir, file)));
      await takeOn(loaded);
      logger.info({ workflows: current.map(({ definition }) => definition.id) }, 'Workflows were loaded anew');
    },
    onError: (error) => logger.error({ error: errorMessage(error) }, 'The workflows folder could not be followed'),
  });
  cleanUps.push(() => watch.close());
  return initial;
}

function logFaults(logger: Logger, { faults }: LoadedFolder): void {
  for (const fault of faults) logger.error({ fault }, `A workflow has a fault: ${describeFault(fault)}`);
}

function describeFault({ file, line, column, path, message }: Fault): string {
  const place = [file, line, column].filter((part) => part !== null).join(':');
  return `${place}: ${path === '' ? '' : `${path}: `}${message}`;
}
