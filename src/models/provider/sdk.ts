import type { LanguageModel } from 'ai';

/** A model as the AI SDK's providers have it (their interface in its third version). */
export type SdkModel = Extract<Exclude<LanguageModel, string>, { readonly specificationVersion: 'v3' }>;
export type SdkCallOptions = Parameters<SdkModel['doStream']>[0];
export type SdkPrompt = SdkCallOptions['prompt'];
export type SdkMessage = SdkPrompt[number];
export type SdkAssistantPart = Extract<SdkMessage, { readonly role: 'assistant' }>['content'][number];
export type SdkStreamPart =
  Awaited<ReturnType<SdkModel['doStream']>>['stream'] extends ReadableStream<infer Part> ? Part : never;
export type SdkFinish = Extract<SdkStreamPart, { readonly type: 'finish' }>;
export type SdkProviderOptions = NonNullable<SdkCallOptions['providerOptions']>;
