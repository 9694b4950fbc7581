import type { ReactNode } from 'react';
import { isJsonObject, type Json, type JsonObject } from '@core/json.js';
import { JsonTree } from '../../../../design/json-tree.js';
import { LongText } from '../../../../design/long-text.js';
import { steps as t } from '../../../../text/steps.js';
import { KeptNote } from './kept-note.js';
import type { ModelCall } from './read-step.js';

/** What a model was asked and what it answered, as far as it is kept. */
export function ModelExchange({ call }: { readonly call: ModelCall }): ReactNode {
  const { state, kept, asked, answer, text } = call;
  if (state === 'lost') return <p className="text-sm text-soft">{t.lostModel}</p>;
  return (
    <>
      <KeptNote kept={kept} what="model" lacksPrompt={state === 'answered' && asked === null && kept !== 'dropped'} />
      {asked !== null && <Prompt asked={asked} />}
      {answer !== null && <Answer answer={answer} />}
      {answer === null && text !== null && text !== '' && (
        <Said title={state === 'writing' ? t.soFar : t.answer}>
          <LongText value={text} />
        </Said>
      )}
    </>
  );
}

function Said({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <div role="group" aria-label={title}>
      <h4 className="text-xs font-semibold text-soft">{title}</h4>
      {children}
    </div>
  );
}

function Prompt({ asked }: { readonly asked: JsonObject }): ReactNode {
  const { system, messages } = asked;
  const all = Array.isArray(messages) ? messages.filter(isJsonObject) : [];
  // Tools give results only after an answer.
  const goesOn = all.some(({ role }) => role === 'tool');
  return (
    <Said title={goesOn ? t.promptOfMore : t.prompt}>
      {typeof system === 'string' && <Message role={t.roles.system}>{<LongText value={system} />}</Message>}
      {all.map((message, place) => (
        <Message key={place} role={roleOf(message)}>
          <Parts message={message} />
        </Message>
      ))}
    </Said>
  );
}

function roleOf({ role }: JsonObject): string {
  const words: { readonly [role: string]: string } = t.roles;
  return words[typeof role === 'string' ? role : ''] ?? '';
}

function Message({ role, children }: { readonly role: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="mt-1 border-l-2 border-line pl-2">
      <p className="text-xs text-soft">{role}</p>
      {children}
    </div>
  );
}

/** Texts as texts; files, and what tools gave, as trees. */
function Parts({ message }: { readonly message: JsonObject }): ReactNode {
  const { content, results } = message;
  const parts = [content, results].flatMap((given) => (Array.isArray(given) ? given : []));
  return parts.map((part: Json, place) => <Part key={place} part={part} />);
}

function Part({ part }: { readonly part: Json }): ReactNode {
  if (!isJsonObject(part)) return <JsonTree value={part} />;
  if (part['type'] === 'text' && typeof part['text'] === 'string') return <LongText value={part['text']} />;
  if (part['output'] === undefined) return <JsonTree value={part} />;
  return (
    <>
      <p className="text-xs">
        <code>{nameOf(part)}</code>
        {part['isError'] === true && <span className="text-failed"> {t.failedTool}</span>}
      </p>
      {typeof part['output'] === 'string' ? <LongText value={part['output']} /> : <JsonTree value={part['output']} />}
    </>
  );
}

function Answer({ answer }: { readonly answer: JsonObject }): ReactNode {
  const { text, toolCalls, finish } = answer;
  const calls = Array.isArray(toolCalls) ? toolCalls.filter(isJsonObject) : [];
  const hasText = typeof text === 'string' && text !== '';
  return (
    <Said title={t.answer}>
      {hasText && <LongText value={text} />}
      {!hasText && calls.length === 0 && <p className="text-sm text-soft">{t.emptyAnswer}</p>}
      {calls.map((call, place) => (
        <Message key={place} role={t.toolCall(nameOf(call))}>
          <JsonTree value={call['input'] ?? null} />
        </Message>
      ))}
      {typeof finish === 'string' && finish !== 'stop' && finish !== 'tool_calls' && (
        <p className="text-sm text-waiting">{t.finish(finish)}</p>
      )}
    </Said>
  );
}

function nameOf({ name }: JsonObject): string {
  return typeof name === 'string' ? name : '';
}
