import { inFile, type Mutation } from "./_mutation.ts";

/** Mistakes in queues, locks and the like. */
export const synchronisationMutations: readonly Mutation[] = [
  ...inFile(
    "queue",
    ["queue-*"],
    [
      ["put() does not wait for room", "if (!this.full) {", "{"],
      ["a cancelled consumer keeps the promise of an item", "this.#promise();\n      throw pending;", "throw pending;"],
      [
        "a woken and cancelled consumer takes the item all the same",
        "if (pending !== undefined) {\n      // The item that was promised to this consumer is promised to the next one.\n      this.#promise();\n      throw pending;\n    }",
        "",
      ],
      [
        "a woken and cancelled consumer drops the item",
        "this.#promise();\n      throw pending;",
        "this.#store.take();\n      throw pending;",
      ],
      [
        "a newcomer takes what is promised to one who waits",
        "if (this.#store.size > this.#promised) return Promise.resolve(this.#take());",
        "if (this.#store.size > 0) return Promise.resolve(this.#take());",
      ],
      ["those who wait for room are not let in", "this.#putters.serve();\n      this.#add(payload as T);", "break;"],
      [
        "an item that waited for room comes twice",
        "this.#add(payload as T);",
        "this.#add(payload as T);\n      this.#add(payload as T);",
      ],
      ["an item that waited for room is lost", "this.#add(payload as T);", "void payload;"],
      [
        "what a cancelled put offered comes in",
        "return this.#putters.enter(scope, this, item).promise();",
        "return this.#putters.enter(scope, this, item).promise().catch((error: unknown) => {\n      this.#add(item);\n      throw error;\n    });",
      ],
      [
        "putNowait() puts into a full queue",
        "if (this.full)\n      throw new QueueFull",
        "if (this.full && this.maxsize < 0)\n      throw new QueueFull",
      ],
      [
        "getNowait() of an empty queue gives undefined",
        "throw new QueueEmpty(",
        "return undefined as T;\n    throw new QueueEmpty(",
      ],
      ["what is put is not unfinished", "this.#unfinished++;", ""],
      [
        "taskDone() can be called too often",
        "if (this.#unfinished === 0)\n      throw",
        "if (this.#unfinished === 0) return;\n    if (this.#unfinished < 0)\n      throw",
      ],
      ["taskDone() does nothing", "this.#unfinished -= count;", ""],
      ["join() is not woken", "if (this.#unfinished === 0) this.#joiners.serveAll();", ""],
      [
        "join() does not wait",
        "if (this.#unfinished > 0) return this.#joiners.wait(this);",
        "if (this.#unfinished < 0) return this.#joiners.wait(this);",
      ],
      [
        "join() of an empty queue waits",
        "return pending === undefined ? noWait : Promise.reject(pending);",
        "return pending === undefined ? this.#joiners.wait(this) : Promise.reject(pending);",
      ],
      ["a queue that is shut down takes items", 'if (this.#isShutDown) throw this.#shutDownError("put");', ""],
      [
        "a queue that is shut down takes items from those who wait",
        'if (this.#isShutDown) return Promise.reject(this.#shutDownError("put"));',
        "",
      ],
      ["shutdown() does nothing", "this.#isShutDown = true;", ""],
      ["shutdown() leaves consumers waiting", "    this.#dismissGetters();\n    this.#putters", "    this.#putters"],
      ["shutdown() leaves producers waiting", 'this.#putters.failAll(() => this.#shutDownError("put"));', ""],
      ["what is left at shutdown() cannot be taken", "    if (immediate) {", "    {"],
      ["an immediate shutdown keeps the items", "this.#store.clear();", ""],
      ["an immediate shutdown leaves the dropped items unfinished", "if (dropped > 0) this.#finish(dropped);", ""],
      [
        "get() of a queue that was shut down and is empty waits",
        'if (this.#isShutDown && this.empty) return Promise.reject(this.#shutDownError("get"));',
        "",
      ],
      [
        "a queue without a bound need not be asked for",
        "this.maxsize = requireCount(maxsize, 1, action, true);",
        "this.maxsize = maxsize ?? Infinity;",
      ],
      ["statistics() forgets those who wait", "getters: this.#getters.size,", "getters: 0,"],
      ["a loop over it goes on with an error", "if (error instanceof QueueShutDown) return;", ""],
      [
        "a last-in-first-out queue is a queue",
        "super(maxsize, options, new LastInFirstOut<T>());",
        "super(maxsize, options);",
      ],
      [
        "a priority queue is a queue",
        "super(maxsize, options, new SmallestFirst<T>(compare));",
        "super(maxsize, options);",
      ],
    ],
  ),
  ...inFile(
    "ring-buffer",
    ["queue", "item-store"],
    [
      [
        "the last item is given first",
        "const item = this.#ring[this.#start];",
        "const item = this.#ring[(this.#start + this.#size - 1) & (this.#ring.length - 1)];",
      ],
      [
        "a ring that grows loses its order",
        "this.#ring = [...ring.slice(this.#start), ...ring.slice(0, this.#start),",
        "this.#ring = [...ring.slice(0, this.#start), ...ring.slice(this.#start),",
      ],
      ["a ring without items takes one out", "if (this.#size === 0) return undefined;", ""],
      ["what is added at the front goes to the end", "this.#ring[this.#start] = item;", "this.#ring.push(item);"],
    ],
  ),
  ...inFile(
    "linked-list",
    [],
    [
      ["what stands in no list leaves it", "&& this.first !== member) return false;", "&& false) return false;"],
      ["a member keeps its links when it leaves", "member.previous = member.next = undefined;", ""],
      ["the way back is lost", "else next.previous = previous;", ""],
      [
        "the last member stays the last",
        "if (next === undefined) this.last = previous;",
        "if (next === undefined) void previous;",
      ],
    ],
  ),
  ...inFile(
    "options",
    [],
    [
      ["a bound is outside", "value <= to", "value < to"],
      ["what must be above may be equal", "value > above", "value >= above"],
      ["infinity is always a count", "(range.orInfinity === true && value === Infinity)", "value === Infinity"],
    ],
  ),
  ...inFile(
    "item-store",
    ["queue"],
    [
      ["the largest comes first", "|| one.order - other.order) < 0", "|| one.order - other.order) > 0"],
      ["equal items come in no order", "|| one.order - other.order", "|| other.order - one.order"],
      ["the first of a stack comes first", "return this.#items.pop() as T;", "return this.#items.shift() as T;"],
    ],
  ),
  ...inFile(
    "lock",
    ["condition"],
    [
      ["everybody is let in", "if (this.#hold !== undefined) return this.#waiters.wait(this, this.#giveBack);", ""],
      [
        "a released lock stays locked",
        "next === undefined ? undefined : ((next",
        "next === undefined ? this.#hold : ((next",
      ],
      [
        "a released lock is open although somebody got it",
        "if (this.#hold !== undefined) this.#waiters.serve(this.#hold);",
        "if (this.#hold !== undefined) this.#waiters.serve(this.#hold);\n    this.#hold = undefined;",
      ],
      ["those who wait are not woken", "if (this.#hold !== undefined) this.#waiters.serve(this.#hold);", ""],
      [
        "a woken and cancelled waiter keeps the lock",
        "giveBack: (hold: Hold): void => this.releaseHold(hold)",
        "giveBack: (hold: Hold): void => void hold",
      ],
      [
        "what is not held can be released",
        "if (hold === undefined) throw new",
        "if (hold === undefined) return (this.#hold = new Hold(this, undefined));\n    if (hold === undefined) throw new",
      ],
      ["a lock is released by another task", "if (hold.holder === currentTask()) return hold;", "return hold;"],
      ["a lock is released by an acquisition of before", "if (this.#hold !== hold) {", "if (false) {"],
      [
        "a lock belongs to the task that hands it on",
        "new Hold(this, next.scope.task)",
        "new Hold(this, currentTask())",
      ],
      [
        "an acquisition that is taken up again is another one",
        "if (this.#hold === undefined) this.#hold = hold;",
        "if (this.#hold === undefined) this.#hold = new Hold(this, hold.holder);",
      ],
      [
        "an acquisition that is taken up again after a wait is another one",
        "(next.payload as Hold | undefined) ?? new Hold(",
        "undefined ?? new Hold(",
      ],
      ["with() does not release", "} finally {\n      hold[Symbol.dispose]();\n    }", "} finally {\n    }"],
    ],
  ),
  ...inFile(
    "event",
    [],
    [
      ["set() wakes nobody", "this.#waiters.serveAll();", ""],
      ["set() wakes one", "this.#waiters.serveAll();", "this.#waiters.serve();"],
      ["clear() does nothing", "this.#set = false;\n  }", "}"],
      [
        "wait() of an event that is set waits",
        "if (!this.#set) return this.#waiters.wait(this).then(yes);",
        "return this.#waiters.wait(this).then(yes);",
      ],
      ["isSet() is never true", "return this.#set;", "return false;"],
      [
        "wait() of an event that is set looks for nothing",
        "if (pending !== undefined) return Promise.reject(pending);",
        "",
      ],
    ],
  ),
  ...inFile(
    "condition",
    [],
    [
      [
        "a cancelled wait does not take the lock again",
        "await this.#relock(scope, hold, notified);",
        "if (notified) await this.#relock(scope, hold, notified);",
      ],
      [
        "taking the lock again can be cancelled",
        "await takeUpAgain(this.lock, hold);",
        "await this.lock.resume(hold);",
      ],
      ["code whose scope has ended does not take the lock again", "await outside(() => lock.resume(hold));", ""],
      ["the lock is not let go", "this.lock.releaseHold(hold);\n    let notified", "let notified"],
      ["a notification dies with who was cancelled", "if (notified) this.#waiters.serve();", ""],
      [
        "who was cancelled before a notification hands one on",
        "if (notified) this.#waiters.serve();",
        "this.#waiters.serve();",
      ],
      [
        "wait() does not look for what is pending",
        "throwPending(scope);\n    const notification",
        "const notification",
      ],
      ["a cancellation after the notification is not thrown", "      throwPending(scope);\n    } catch", "    } catch"],
      [
        "notify() wakes all",
        "for (let woken = 0; woken < count && this.#waiters.serve() !== undefined; woken++);",
        "this.#waiters.serveAll();",
      ],
      ["notify() wakes one at most", "woken < count &&", "woken < 1 &&"],
      ["notifyAll() wakes one", "this.#waiters.serveAll();", "this.#waiters.serve();"],
      [
        "notify() does not need the lock",
        'requireCount(count, 1, "notify", true);\n    this.#requireHold("notify on");',
        'requireCount(count, 1, "notify", true);',
      ],
      [
        "notifyAll() does not need the lock",
        'this.#requireHold("notify on");\n    this.#waiters.serveAll();',
        "this.#waiters.serveAll();",
      ],
      [
        "waitFor() does not look again",
        "      if (result) return result;\n      await this.wait();",
        "      if (result) return result;\n      await this.wait();\n      return result;",
      ],
      [
        "waitFor() always waits",
        "      if (result) return result;\n      await this.wait();",
        "      await this.wait();\n      if (result) return result;",
      ],
      [
        "the error of a cancelled wait loses its reason",
        "    } finally {\n      await this.#relock",
        "    } catch (error) {\n      throw Object.assign(Object.create(error as object) as object, { reason: undefined });\n    } finally {\n      await this.#relock",
      ],
    ],
  ),
  ...inFile(
    "semaphore",
    [],
    [
      ["permits do not run out", "if (this.#value === 0) return this.#wait();", ""],
      [
        "a released permit is lost",
        "if (this.#waiters.serve() === undefined) this.#value++;",
        "this.#waiters.serve();",
      ],
      [
        "a released permit goes to two",
        "if (this.#waiters.serve() === undefined) this.#value++;",
        "this.#waiters.serve();\n    this.#value++;",
      ],
      ["those who wait are not woken", "if (this.#waiters.serve() === undefined) this.#value++;", "this.#value++;"],
      [
        "a woken and cancelled waiter keeps its permit",
        "giveBack: (): void => this.#handOn()",
        "giveBack: (): void => undefined",
      ],
      ["a bounded semaphore has no bound", "if (this.value < this.#bound) return;", "return;"],
      ["holders are not known", "this.#held.set(task, (this.#held.get(task) ?? 0) + 1);", ""],
      [
        "a task that has released still holds",
        "if (count === 1) this.#held.delete(task);",
        "if (count === 1) return this.#handOn();",
      ],
      [
        "who has two permits holds none after one release",
        "else if (count !== undefined) this.#held.set(task, count - 1);",
        "else this.#held.delete(task);",
      ],
      [
        "some of its holders are taken for all",
        "return known === this.#total - this.#value ? tasks : [];",
        "return tasks;",
      ],
      [
        "code outside any task is taken for a holder",
        "if (task === undefined) return [];\n      tasks.push(task);",
        "tasks.push(task!);",
      ],
      [
        "a permit is released for the task that disposes of it",
        "this.#semaphore.releaseOf(this.#holder);",
        "this.#semaphore.release();",
      ],
      ["locked is never true", "return this.#value === 0;", "return false;"],
      [
        "one who comes late gets a permit before those who wait",
        "const pause = maybeYield();\n    return pause === undefined ? this.#acquire()",
        "const pause = maybeYield();\n    if (this.#waiters.size > 0) return Promise.resolve(this);\n    return pause === undefined ? this.#acquire()",
      ],
    ],
  ),
  ...inFile(
    "capacity-limiter",
    [],
    [
      [
        "tokens do not run out",
        "if (this.availableTokens > 0) this.#borrowers.add(borrower);",
        "if (this.#total > 0) this.#borrowers.add(borrower);",
      ],
      ["a borrower may have two", "if (this.#borrowers.has(borrower)) throw", "if (false) throw"],
      [
        "what was not borrowed can be given back",
        "if (!this.#borrowers.delete(borrower)) {",
        "this.#borrowers.delete(borrower);\n    if (false) {",
      ],
      ["a token that was given back goes to nobody", "    }\n    this.#grant();\n  }", "    }\n  }"],
      [
        "more tokens let nobody in",
        '"set the tokens of a capacity limiter", true);\n    this.#grant();',
        '"set the tokens of a capacity limiter", true);',
      ],
      [
        "a woken and cancelled waiter keeps its token",
        "giveBack: () => this.releaseOnBehalfOf(borrower)",
        "giveBack: () => undefined",
      ],
      [
        "what waits twice gets its token twice",
        "if (this.#borrowers.has(borrower)) next.fail(this.#borrowedError());\n      else {",
        "{",
      ],
      [
        "some of its holders are taken for all",
        "return borrowers.every((borrower) => borrower instanceof Task) ? borrowers : [];",
        "return borrowers.filter((borrower) => borrower instanceof Task);",
      ],
    ],
  ),
  ...inFile(
    "barrier",
    [],
    [
      [
        "it opens too early",
        "if (this.#waiters.size + 1 < this.parties)",
        "if (this.#waiters.size + 2 < this.parties)",
      ],
      ["it never opens", "if (this.#waiters.size + 1 < this.parties)", "if (this.#waiters.size < this.parties)"],
      ["every party gets the same number", "park.wake(index++);", "park.wake(index);"],
      [
        "reset() leaves those who wait",
        'this.#broken = false;\n    this.#waiters.failAll(() => this.#brokenError("was reset"));',
        "this.#broken = false;",
      ],
      ["reset() does not mend it", "this.#broken = false;\n", ""],
      ["abort() leaves those who wait", 'this.#waiters.failAll(() => this.#brokenError("was aborted"));', ""],
      ["abort() does not break it", "this.#broken = true;", ""],
    ],
  ),
];
