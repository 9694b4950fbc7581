import type { NodeKind } from '../core/handlers/node-kind.js';
import { agentKind } from './agent/agent.js';
import { askKind } from './ask.js';
import { codeKind } from './code/code.js';
import { emitKind } from './events/emit.js';
import { eventKind } from './events/event.js';
import { groupKind } from './holding/group.js';
import { httpKind } from './http/http.js';
import { llmKind } from './llm.js';
import { mapKind } from './map.js';
import { mcpKind } from './mcp.js';
import { raceKind } from './holding/race.js';
import { repeatKind } from './holding/repeat.js';
import { scriptKind } from './script/script.js';
import { switchKind } from './holding/switch.js';
import { transformKind } from './transform.js';
import { waitKind } from './wait.js';
import { workflowKind } from './workflow.js';

/** Every node kind there is, by its name. */
export const nodeKinds: ReadonlyMap<string, NodeKind> = new Map(
  [
    codeKind,
    httpKind,
    transformKind,
    mapKind,
    groupKind,
    repeatKind,
    switchKind,
    raceKind,
    workflowKind,
    waitKind,
    askKind,
    eventKind,
    emitKind,
    scriptKind,
    mcpKind,
    llmKind,
    agentKind,
  ].map((kind) => [kind.kind, kind]),
);
