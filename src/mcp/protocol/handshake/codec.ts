import type { Codec, Method } from '../codec.js';
import { callTool } from './call-tool.js';
import { initialize } from './initialize.js';
import { listTools } from './list-tools.js';
import { ping } from './ping.js';
import { HANDSHAKE_REVISIONS, type HandshakeRevision } from './revisions.js';

type Registry = ReadonlyMap<string, Method>;

const METHODS: Registry = new Map([
  ['initialize', initialize],
  ['ping', ping],
  ['tools/list', listTools],
  ['tools/call', callTool],
]);

/** The methods of each revision; one that a revision lacks is absent from its registry. */
const REGISTRIES: { readonly [revision in HandshakeRevision]: Registry } = {
  '2025-11-25': METHODS,
  '2025-06-18': METHODS,
  '2025-03-26': METHODS,
  '2024-11-05': METHODS,
};

/** The revisions that open with `initialize`. */
export const handshakeCodec: Codec = {
  revisions: HANDSHAKE_REVISIONS,
  findMethod: (revision, method) => REGISTRIES[revision as HandshakeRevision]?.get(method) ?? null,
  allowsBatches: (revision) => revision === '2025-03-26',
};
