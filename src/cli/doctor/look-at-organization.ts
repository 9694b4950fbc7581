import { verifyAudit } from '../../api/endpoints/audit.js';
import { listHooks } from '../../api/endpoints/hooks.js';
import { listSchedules } from '../../api/endpoints/schedules.js';
import { listSecrets } from '../../api/endpoints/secrets.js';
import { listDeliveries, listWebhooks } from '../../api/endpoints/webhooks.js';
import { listWorkflows } from '../../api/endpoints/workflows.js';
import type { ErrandClient } from '../../api/client/client.js';
import { errorMessage } from '../../core/errors.js';
import type { Findings } from '../../app/doctor/finding.js';

/** Gives nothing when all is well. */
type Look = (client: ErrandClient, findings: Findings) => Promise<string>;

/** What of an organization does not work, as its key sees it: each look says what all is well with. */
const LOOKS: { readonly [name: string]: Look } = {
  workflows: async (client, findings) => {
    const { workflows } = await client.call(listWorkflows, {});
    for (const { id, ready, not_ready_because: why } of workflows)
      if (!ready) findings.add('fault', 'workflows', `${id} cannot be started: ${why ?? 'something is missing'}`);
    return `${workflows.length} can be started, with their models`;
  },
  secrets: async (client, findings) => {
    const { secrets } = await client.call(listSecrets, { query: {} });
    for (const { name, source, workflows } of secrets)
      if (source === null && workflows.length > 0) {
        findings.add('fault', 'secrets', `${workflows.join(', ')} need ${name}: errand secrets set ${name}`);
      }
    return `${secrets.length}, each with a value`;
  },
  schedules: async (client, findings) => {
    const { schedules } = await client.call(listSchedules, { query: {} });
    for (const { name, enabled, last, next_at: next } of schedules) {
      if (enabled && last !== null && !['started', 'skipped'].includes(last.outcome)) {
        const why = last.message === null ? '' : `: ${last.message}`;
        const message = `${name} was due at ${last.scheduled_for} and came to "${last.outcome}"${why}`;
        findings.add('fault', 'schedules', `${message}. See errand schedules, and start the run by hand.`);
      }
      if (enabled && next === null) {
        findings.add('warning', 'schedules', `${name} has no times to come: change or remove it.`);
      }
    }
    return `${schedules.length}, none missed`;
  },
  webhooks: async (client, findings) => {
    const { webhooks } = await client.call(listWebhooks, { query: {} });
    for (const { id, name, disabled_because: why } of webhooks)
      if (why !== null) {
        findings.add('fault', 'webhooks', `${name} was switched off: ${why}. Mend it: errand webhooks enable ${id}`);
      }
    const { deliveries } = await client.call(listDeliveries, { query: { state: 'pending', limit: 100 } });
    for (const url of new Set(deliveries.filter((one) => one.attempt_count > 1).map((one) => one.url))) {
      const message = `${url} has not taken a message yet after more than one try: errand webhooks deliveries`;
      findings.add('warning', 'webhooks', message);
    }
    return `${webhooks.length}, and all take their messages`;
  },
  hooks: async (client, findings) => {
    const { hooks } = await client.call(listHooks, { query: {} });
    for (const { name, enabled, last_refused_at: refused, last_accepted_at: accepted, last_refusal: why } of hooks)
      if (enabled && refused !== null && (accepted === null || refused > accepted)) {
        findings.add('warning', 'hooks', `${name} refused its latest delivery: ${why ?? 'see the log'}`);
      }
    return `${hooks.length}, and none refused its latest delivery`;
  },
  audit: async (client, findings) => {
    const { entries, faults, head } = await client.call(verifyAudit, { query: {} });
    for (const fault of faults) {
      findings.add('fault', 'audit', `${fault} Find out who can write the database, and go back to a backup.`);
    }
    return `${entries} entries, all intact; head ${head ?? 'none'}`;
  },
};

export async function lookAtOrganization(client: ErrandClient, findings: Findings): Promise<void> {
  for (const [name, look] of Object.entries(LOOKS)) {
    try {
      findings.okUnlessTold(name, await look(client, findings));
    } catch (error) {
      findings.add('warning', name, `not looked at: ${errorMessage(error)}`);
    }
  }
}
