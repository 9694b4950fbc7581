import type { Lane, Task } from './task.js';

const ORDER: readonly Lane[] = ['clean', 'inspect', 'fresh', 'suspect', 'rough', 'alone'];

/** Tasks that no worker has room for, by lane. Organizations and their modules take turns. */
export class WaitingLine {
  readonly #lanes = new Map<Lane, Map<string, Task[]>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(lane: Lane, task: Task): void {
    const groups = this.#lanes.get(lane) ?? new Map<string, Task[]>();
    this.#lanes.set(lane, groups);
    const tasks = groups.get(task.group);
    if (tasks === undefined) groups.set(task.group, [task]);
    else tasks.push(task);
    this.#size += 1;
  }

  /**
   * The lanes in which something waits: what has ended well is first, as it waits for nothing that may not, and what does
   * harm is last, as it has workers of its own.
   */
  lanes(): Lane[] {
    return ORDER.filter((lane) => (this.#lanes.get(lane)?.size ?? 0) > 0);
  }

  /** Who waits in a lane, next first. */
  groups(lane: Lane): string[] {
    return [...(this.#lanes.get(lane)?.keys() ?? [])];
  }

  peek(lane: Lane, group: string): Task | null {
    return this.#lanes.get(lane)?.get(group)?.[0] ?? null;
  }

  /** Takes the first of a group, which is then behind the others. */
  take(lane: Lane, group: string): Task | null {
    const groups = this.#lanes.get(lane);
    const tasks = groups?.get(group);
    const task = tasks?.shift() ?? null;
    if (groups === undefined || tasks === undefined || task === null) return null;
    this.#size -= 1;
    groups.delete(group);
    if (tasks.length > 0) groups.set(group, tasks);
    return task;
  }

  remove(task: Task): boolean {
    for (const groups of this.#lanes.values()) {
      const tasks = groups.get(task.group) ?? [];
      const place = tasks.indexOf(task);
      if (place === -1) continue;
      tasks.splice(place, 1);
      if (tasks.length === 0) groups.delete(task.group);
      this.#size -= 1;
      return true;
    }
    return false;
  }

  takeAll(): Task[] {
    const all = [...this.#lanes.values()].flatMap((groups) => [...groups.values()].flat());
    this.#lanes.clear();
    this.#size = 0;
    return all;
  }
}
