import { listSecrets, removeSecret, setSecret } from '../../../../api/endpoints/secrets.js';
import type { ApiSecret } from '../../../../api/secret-types.js';
import { tellMomentOrNull } from '../../../../core/time/moment.js';
import type { SecretView } from '../../../../service/interface/secrets.js';
import { emptyReply, jsonReply } from '../../../transport/replies.js';
import { given } from '../../query.js';
import type { RestRoutes } from '../../rest-routes.js';

export function addSecrets(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(listSecrets, async ({ caller, query }) => {
    const secrets = await services.listSecrets(caller, given(query));
    return jsonReply({ secrets: secrets.map(renderSecret) });
  });
  routes.add(setSecret, async ({ caller, body, param }) => {
    const { for_all: forAll, keep_old: keepOld, ...rest } = await body();
    const params = { ...rest, name: param('name'), ...given({ forAll, keepOld }) };
    return jsonReply(renderSecret(await services.setSecret(caller, params)));
  });
  routes.add(removeSecret, async ({ caller, query: { organization, for_all: forAll }, param }) => {
    const params = { ...given({ organization }), name: param('name'), forAll: forAll === 'true' };
    await services.removeSecret(caller, params);
    return emptyReply(204);
  });
}

function renderSecret({ name, source, updatedAt, kind, earlier, workflows }: SecretView): ApiSecret {
  return { name, source, updated_at: tellMomentOrNull(updatedAt), kind, earlier_values: earlier, workflows };
}
