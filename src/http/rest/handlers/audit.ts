import { exportAudit, listAudit, verifyAudit } from '../../../api/endpoints/audit.js';
import { ErrandError } from '../../../core/errors.js';
import { renderAuditEntry } from '../../../core/render/render-audit.js';
import type { AuditEntry } from '../../../core/tenant/audit.js';
import type { TrailHead } from '../../../service/interface/audit.js';
import { jsonReply } from '../../transport/replies.js';
import { given } from '../query.js';
import type { RestRoutes } from '../rest-routes.js';

export function addAudit(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(listAudit, async ({ caller, query: { before, limit, ...rest } }) => {
    const page = before === 0 ? {} : { beforeSeq: before };
    return entriesReply(await services.listAudit(caller, { ...given(rest), limit, ...page }));
  });
  routes.add(exportAudit, async ({ caller, query: { after, limit, ...rest } }) =>
    entriesReply(await services.listAudit(caller, { ...given(rest), limit, afterSeq: after })),
  );
  routes.add(verifyAudit, async ({ caller, query }) => {
    const { head, ...rest } = given(query);
    const known = head === undefined ? {} : { head: readHead(head) };
    const { faults, head: now, ...check } = await services.verifyAudit(caller, { ...rest, ...known });
    const told = now === null ? null : `${now.seq}:${now.hash}`;
    return jsonReply({ intact: faults.length === 0, ...check, head: told, faults });
  });
}

function entriesReply(entries: readonly AuditEntry[]) {
  return jsonReply({ entries: entries.map((entry) => ({ ...renderAuditEntry(entry), hash: entry.hash })) });
}

function readHead(text: string): TrailHead {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq !== undefined && hash !== undefined) return { seq: Number(seq), hash };
  throw new ErrandError('invalid_input', '"head" must be what an earlier check gave: <seq>:<hash>.');
}
