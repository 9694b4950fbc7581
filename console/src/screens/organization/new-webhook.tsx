import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { createWebhook } from '@api/endpoints/webhooks.js';
import { DEFAULT_WEBHOOK_EVENTS, WEBHOOK_EVENTS, type WebhookEvent } from '@core/webhooks/webhook.js';
import { client, messageOf } from '../../api/client.js';
import { Button } from '../../design/button.js';
import { CodeBlock } from '../../design/code-block.js';
import { Field } from '../../design/field.js';
import { Notice } from '../../design/notice.js';
import { text } from '../../text/en.js';

const t = text.organization.webhooks;

/** Makes a webhook, and shows its secret this once. */
export function NewWebhook({ onMade }: { readonly onMade: () => void }): ReactNode {
  const [url, setUrl] = useState('');
  const [name, setName] = useState('');
  const [events, setEvents] = useState(DEFAULT_WEBHOOK_EVENTS);
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: () => client.call(createWebhook, { body: { url, events, ...(name === '' ? {} : { name }) } }),
    onSuccess: () => {
      setUrl('');
      setName('');
      onMade();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    mutate();
  };
  return (
    <div className="space-y-3 border-b border-line p-4">
      <form onSubmit={submit} className="space-y-3">
        <div className="grid gap-3 sm:grid-cols-[2fr_1fr]">
          <Field label={t.url} type="url" required value={url} onType={setUrl} />
          <Field label={t.name} maxLength={100} value={name} onType={setName} />
        </div>
        <EventChoice chosen={events} onChoose={setEvents} />
        <Button type="submit" disabled={isPending || events.length === 0}>
          {isPending ? t.making : t.make}
        </Button>
      </form>
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      {data !== undefined && (
        <div role="status" className="space-y-2">
          <p>{t.once}</p>
          <CodeBlock label={t.secretOf(data.name)} code={data.secret} />
        </div>
      )}
    </div>
  );
}

function EventChoice({
  chosen,
  onChoose,
}: {
  readonly chosen: readonly WebhookEvent[];
  readonly onChoose: (events: readonly WebhookEvent[]) => void;
}): ReactNode {
  const toggle = (event: WebhookEvent): void =>
    onChoose(chosen.includes(event) ? chosen.filter((each) => each !== event) : [...chosen, event]);
  return (
    <fieldset className="flex min-w-0 flex-wrap gap-x-4 gap-y-1">
      <legend className="text-sm font-medium">{t.events}</legend>
      {WEBHOOK_EVENTS.map((event) => (
        <label key={event} className="flex items-center gap-1.5 py-1">
          <input type="checkbox" checked={chosen.includes(event)} onChange={() => toggle(event)} />
          <code className="text-sm">{event}</code>
        </label>
      ))}
    </fieldset>
  );
}
