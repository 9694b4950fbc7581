import {
  createOrganization,
  listOrganizations,
  setCredits,
  topUpCredits,
  updateOrganization,
} from '../../../api/endpoints/organizations.js';
import { jsonReply } from '../../transport/replies.js';
import { idempotencyKeyOf, madeReply } from '../idempotency-key.js';
import { given } from '../query.js';
import { renderOrganization } from '../render/render.js';
import { parseRetention } from '../render/retention.js';
import type { RestRoutes } from '../rest-routes.js';
import { renderCredits } from '../../../core/render/render-credits.js';

const DEFAULT_MONTHLY_CREDITS = 1000;

export function addOrganizations(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(listOrganizations, async ({ caller, query }) => {
    const { organizations, total } = await services.listOrganizations(caller, query);
    return jsonReply({ organizations: organizations.map(renderOrganization), total });
  });
  routes.add(createOrganization, async ({ exchange, caller, body }) => {
    const { slug, name, monthly_credits } = await body();
    const { organization, created } = await services.createOrganization(caller, {
      slug,
      ...idempotencyKeyOf(exchange),
      ...given({ name }),
      monthlyCredits: monthly_credits ?? DEFAULT_MONTHLY_CREDITS,
    });
    return madeReply(renderOrganization(organization), created);
  });
  routes.add(updateOrganization, async ({ caller, body, param }) => {
    const { retention, billing_day: billingDay, ...change } = await body();
    const organization = await services.updateOrganization(caller, {
      organization: param('slug'),
      ...change,
      ...given({ billingDay }),
      ...(retention === undefined ? {} : { retention: retention === null ? null : parseRetention(retention) }),
    });
    return jsonReply(renderOrganization(organization));
  });
  routes.add(setCredits, async ({ caller, body, param }) => {
    const { monthly_credits } = await body();
    const balance = await services.setCreditLimit(caller, {
      organization: param('slug'),
      monthlyCredits: monthly_credits,
    });
    return jsonReply(renderCredits(balance));
  });
  routes.add(topUpCredits, async ({ exchange, caller, body, param }) => {
    const { credits, reason, idempotency_key: field } = await body();
    const { topUp, created } = await services.topUpCredits(caller, {
      organization: param('slug'),
      credits,
      reason,
      ...idempotencyKeyOf(exchange, field),
    });
    return madeReply({ ...topUp, balance: renderCredits(topUp.balance) }, created);
  });
}
