import { useState, type ReactNode } from 'react';
import type { ApiRun } from '@api/api-types.js';
import type { Json } from '@core/json.js';
import { hasScope } from '@core/tenant/principal.js';
import { useSession } from '../../../app/session-context.js';
import { Button } from '../../../design/button.js';
import { text } from '../../../text/en.js';
import { CancelDialog } from './cancel-dialog.js';
import { RerunDialog } from './rerun-dialog.js';
import { RetryDialog } from './retry-dialog.js';

const t = text.actions;

type Action = 'cancel' | 'retry' | 'rerun';

interface RunActionsProps {
  readonly run: ApiRun;
  readonly input: Json | undefined;
  readonly refresh: () => void;
}

export interface ActionDialogProps extends RunActionsProps {
  readonly onClose: () => void;
}

const DIALOGS: { readonly [action in Action]: (props: ActionDialogProps) => ReactNode } = {
  cancel: CancelDialog,
  retry: RetryDialog,
  rerun: RerunDialog,
};

/** What can be done with a run as it stands, by who is signed in; each is shown before it is done. */
export function RunActions(props: RunActionsProps): ReactNode {
  const session = useSession();
  const [open, setOpen] = useState<Action | null>(null);
  if (!hasScope(session, 'run')) return null;
  const { terminal, status } = props.run;
  const OpenDialog = open === null ? null : DIALOGS[open];
  return (
    <>
      {!terminal && <Button onClick={() => setOpen('cancel')}>{t.cancel.button}</Button>}
      {terminal && status !== 'completed' && (
        <Button look="main" onClick={() => setOpen('retry')}>
          {t.retry.button}
        </Button>
      )}
      {terminal && <Button onClick={() => setOpen('rerun')}>{t.rerun.button}</Button>}
      {OpenDialog !== null && <OpenDialog {...props} onClose={() => setOpen(null)} />}
    </>
  );
}
