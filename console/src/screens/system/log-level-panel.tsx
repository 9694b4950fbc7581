import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { getLogLevel, setLogLevel } from '@api/endpoints/server.js';
import { LOG_LEVELS, type LogLevel } from '@core/ports/logger.js';
import { client, messageOf } from '../../api/client.js';
import { Notice } from '../../design/notice.js';
import { Panel } from '../../design/panel.js';
import { text } from '../../text/en.js';

const t = text.system.log;
const LEVEL = ['log-level'];

export function LogLevelPanel(): ReactNode {
  const queries = useQueryClient();
  const { data } = useQuery({ queryKey: LEVEL, queryFn: () => client.call(getLogLevel) });
  const { mutate, error, isPending, variables } = useMutation({
    mutationFn: (level: LogLevel) => client.call(setLogLevel, { body: { level } }),
    onSuccess: (answer) => queries.setQueryData(LEVEL, answer),
  });
  // It shows at once what was chosen, and keeps the focus meanwhile.
  const wanted = isPending ? variables : undefined;
  return (
    <Panel title={t.title}>
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      <label className="flex flex-wrap items-center gap-2 text-sm">
        {t.level}
        <select
          disabled={data === undefined}
          value={wanted ?? data?.level ?? ''}
          onChange={(event) => {
            const level = LOG_LEVELS.find((each) => each === event.target.value);
            if (level !== undefined) mutate(level);
          }}
          className="rounded-md border border-edge bg-panel px-2 py-1.5"
        >
          {LOG_LEVELS.map((level) => (
            <option key={level} value={level}>
              {level}
            </option>
          ))}
        </select>
        <span className="text-soft">{t.about}</span>
      </label>
    </Panel>
  );
}
