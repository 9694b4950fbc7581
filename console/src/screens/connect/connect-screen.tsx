import { useState, type ReactNode } from 'react';
import page from '../../../../docs/connect.md?raw';
import { serverUrl } from '../../api/client.js';
import { CodeBlock } from '../../design/code-block.js';
import { Notice } from '../../design/notice.js';
import { Panel } from '../../design/panel.js';
import { Heading } from '../../design/heading.js';
import { text } from '../../text/en.js';
import { FirstCall } from './first-call.js';
import { HostKey } from './host-key.js';
import { readHosts, type HostSection, type PagePart } from './read-page.js';

const t = text.connect;
/** Nobody beyond this machine reaches it. */
const IS_LOCAL = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(serverUrl).hostname);
const HOSTS = readHosts(page, serverUrl);
/** What the page writes for a key. */
const PLACE_OF_KEY = 'sk_live_…';

/** How each host is connected to this server, and whether it has called. */
export function ConnectScreen(): ReactNode {
  const [name, setName] = useState(HOSTS[0]?.name ?? '');
  const [key, setKey] = useState<string | null>(null);
  const host = HOSTS.find((each) => each.name === name);
  return (
    <div className="space-y-4">
      <Heading title={t.title} />
      <p className="text-soft">{t.intro}</p>
      {IS_LOCAL && <Notice kind="waiting">{t.local}</Notice>}
      <HostChoice name={name} onChoose={setName} />
      {host !== undefined && (
        <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
          <Panel title={host.name}>
            <Steps host={host} apiKey={key} />
          </Panel>
          <div className="space-y-4">
            <HostKey host={host.name} made={key} onMade={setKey} />
            <FirstCall />
          </div>
        </div>
      )}
    </div>
  );
}

function HostChoice({
  name,
  onChoose,
}: {
  readonly name: string;
  readonly onChoose: (name: string) => void;
}): ReactNode {
  return (
    <div role="group" aria-label={t.hosts} className="flex flex-wrap gap-2">
      {HOSTS.map((host) => (
        <button
          key={host.name}
          data-row
          type="button"
          aria-pressed={host.name === name}
          onClick={() => onChoose(host.name)}
          className="rounded-full border border-edge px-3 py-1 text-sm hover:bg-sunken aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:text-on-accent"
        >
          {host.name}
        </button>
      ))}
    </div>
  );
}

function Steps({ host, apiKey }: { readonly host: HostSection; readonly apiKey: string | null }): ReactNode {
  return (
    <div className="space-y-3">
      {host.parts.map((part) => (
        <Part key={part.kind === 'text' ? part.text : part.code} part={part} host={host.name} apiKey={apiKey} />
      ))}
    </div>
  );
}

function Part({
  part,
  host,
  apiKey,
}: {
  readonly part: PagePart;
  readonly host: string;
  readonly apiKey: string | null;
}): ReactNode {
  if (part.kind === 'code') {
    return <CodeBlock label={host} code={apiKey === null ? part.code : part.code.replaceAll(PLACE_OF_KEY, apiKey)} />;
  }
  return (
    <p className="wrap-anywhere">
      {part.text
        .split('`')
        .map((piece, place) => (place % 2 === 1 ? <code key={`${place} ${piece}`}>{piece}</code> : piece))}
    </p>
  );
}
