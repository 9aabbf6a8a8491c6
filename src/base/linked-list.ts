/** @internal A member of a {@link LinkedList}: it holds its own links, so that removing it needs no search. */
export interface Linked<T> {
  previous: T | undefined;
  next: T | undefined;
}

/**
 * @internal A list in the order of insertion. The members hold the links, so a member can be in only one list at a
 * time.
 */
export class LinkedList<T extends Linked<T>> implements Iterable<T> {
  first: T | undefined;
  last: T | undefined;

  append(member: T): void {
    const { last } = this;
    member.previous = last;
    if (last === undefined) this.first = member;
    else last.next = member;
    this.last = member;
  }

  /** Removes `member`. Returns whether it was in the list. */
  remove(member: T): boolean {
    const { previous, next } = member;
    if (previous === undefined && next === undefined && this.first !== member) return false;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    member.previous = member.next = undefined;
    return true;
  }

  /** The members that are in the list when the loop begins; members may be removed meanwhile. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    yield* this.toArray();
  }

  toArray(): T[] {
    const all: T[] = [];
    for (let member = this.first; member !== undefined; member = member.next) all.push(member);
    return all;
  }
}
