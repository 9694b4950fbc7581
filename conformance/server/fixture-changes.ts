import type { Change, ChangeFilter, ChangeSource, ChangeSubscription } from '../../src/mcp/contract/sources.js';

export class FixtureChanges implements ChangeSource {
  readonly offers = { tools: true, prompts: true, resources: true, resourceUpdates: true, tasks: true };
  readonly #tellers = new Set<(change: Change) => void>();

  tell(change: Change): void {
    for (const teller of this.#tellers) teller(change);
  }

  async subscribe(
    filter: ChangeFilter,
    _context: unknown,
    emit: (change: Change) => void,
  ): Promise<ChangeSubscription> {
    const teller = (change: Change): void => {
      if (isAsked(change, filter)) emit(change);
    };
    this.#tellers.add(teller);
    return { honoured: filter, unsubscribe: () => void this.#tellers.delete(teller) };
  }
}

function isAsked(change: Change, filter: ChangeFilter): boolean {
  switch (change.kind) {
    case 'tools':
      return filter.toolsListChanged;
    case 'prompts':
      return filter.promptsListChanged;
    case 'resources':
      return filter.resourcesListChanged;
    case 'resource':
      return filter.resourceSubscriptions.includes(change.uri);
    case 'task':
      return filter.taskIds.includes(change.task.taskId);
  }
}
