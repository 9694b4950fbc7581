/**
 * The calls of models that runs of this process have under way which share a budget. What a call used is in the budget
 * once it is committed; until then it counts here.
 */
export class SharedCalls {
  readonly #underWay = new Map<string, number>();
  #ended = 0;

  /** Goes up with each call that has ended: what was read of a budget before may lack it. */
  get ended(): number {
    return this.#ended;
  }

  /** `runId`: the run whose workflow has the budget. */
  underWay(runId: string): number {
    return this.#underWay.get(runId) ?? 0;
  }

  /** Counts a call until what is given is called. */
  begin(runIds: readonly string[]): () => void {
    for (const runId of runIds) this.#underWay.set(runId, this.underWay(runId) + 1);
    return () => {
      this.#ended += 1;
      for (const runId of runIds) {
        const left = this.underWay(runId) - 1;
        if (left > 0) this.#underWay.set(runId, left);
        else this.#underWay.delete(runId);
      }
    };
  }
}
