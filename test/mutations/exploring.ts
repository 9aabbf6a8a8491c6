import { inFile, type Mutation } from "./_mutation.ts";

/** Mistakes in the search for races. */
export const exploringMutations: readonly Mutation[] = [
  ...inFile(
    "choices",
    ["explore"],
    [
      ["choices are not told apart by task", "choice.kind + choice.task", "choice.kind"],
      ["a number out of range is taken", "wanted < choice.options ? wanted : 0", "wanted"],
    ],
  ),
  ...inFile(
    "explored-schedule",
    ["explore"],
    [
      ["no start is held back", "task === undefined || task.id === 1 ? 1 : 2", "1"],
      [
        "nothing that was woken is held back",
        "const options = this.#isOnlyOne ? 1 : 2 +",
        "const options = this.#isOnlyOne ? 1 : 1 * ",
      ],
      ["what is held back goes on in the order in which it came", "this.#held.take(chosen)", "this.#held.take(0)"],
      ["nothing yields", 'if (!this.#choose("y", task, 2)) return false;', "return false;"],
      ["no limit to cancellations", "if (chosen) this.#cancellations--;", ""],
      ["no task is cancelled as it begins to wait", "if (park.isWaiting) this", "if (!park.isWaiting) this"],
      [
        "no task is cancelled as it is woken",
        "if (isCancelled) queueMicrotask(() => this.#cancel",
        "if (isCancelled && delay > 9) queueMicrotask(() => this.#cancel",
      ],
      ["no task is cancelled before it starts", 'this.#cancel(task!, "before it starts");', ";"],
      ["no task is cancelled at rest", "options: victims.length + 1", "options: 1"],
      ["any task may be cancelled", "!task.done() && this.#liberties.mayCancel(task)", "!task.done()"],
      ["code is late beyond its bound", "const latest = now + this.#liberties.lateness;", "const latest = Infinity;"],
      ["the schedule before is not put back", "runtime.schedule = this.#before;", ""],
    ],
  ),
  ...inFile(
    "held-code",
    ["explore"],
    [
      ["what is late goes on at once", "if (held.until <= now) this", "if (held.until <= Infinity) this"],
      ["one that was passed over is lost", "this.#ready.copyWithin(this.#first + 1, this.#first, place);", ""],
    ],
  ),
  ...inFile(
    "explored-time",
    ["explore"],
    [
      ["a limit and a sleep never change places", "goesFirst ? -this.#order : this.#order", "this.#order"],
      ["the clock before is not put back", "runtime.timers = this.#before;", ""],
    ],
  ),
  ...inFile(
    "play",
    ["explore"],
    [
      [
        "an error of the test is not noted",
        'this.#findings.add("error", error));\n    return task',
        "error);\n    return task",
      ],
      ["a hang is not noted", 'this.#findings.add("hang", this.#describeHang());', ";"],
      ["a check of the end is not called", "await outside(check)", "await outside(() => check)"],
      ["an invariant is looked at in the end only", "this.watcher.onStep = () => this.#checkInvariants();", ""],
      ["an unobserved error is not noted", 'else this.#findings.add("unobserved", error);', ""],
      ["a leak is not noted", 'findings.add("leak", error);', ""],
      ["a timer that is left is not noted", "if (time.size > 0) this", "if (time.size < 0) this"],
      ["a test that goes on and on is not ended", "if (this.#turns > this.#liberties.turns)", "if (this.#turns < 0)"],
      ["real I/O is a hang", "!this.watcher.living().every(isWaiting)", "false"],
      ["tasks are numbered on", "runtime.tasks = 0;", ""],
      [
        "what the test left is not ended",
        "const closing = scope.close(true);",
        "const closing = undefined as Promise<void> | undefined;",
      ],
    ],
  ),
  ...inFile(
    "findings",
    ["explore"],
    [
      ["an injected cancellation is a failure", "if (!isInjected(error)) this", "this"],
      ["the last failure is kept", "this.first ??=", "this.first ="],
    ],
  ),
  ...inFile(
    "rejections",
    ["explore"],
    [["the listeners before are not put back", "of [...before, ...during]", "of during"]],
  ),
  ...inFile(
    "shrink",
    [],
    [
      ["nothing is left out", "failing.length < current.length) current", "failing.length < 0) current"],
      ["only halves are left out", "size = size === 1 ? 0 : Math.ceil(size / 2)", "size = 0"],
      ["no number is lowered", "value < current[index]!.value; value++", "value < 0; value++"],
      ["it is done once", "if (shorter === current) return current;", "return shorter;"],
    ],
  ),
  ...inFile(
    "systematic",
    [],
    [
      ["a run in which the same happened is followed", "if (this.#seen.has(hash)) return;", ""],
      ["the same schedules are listed again", "choices.findIndex(({ key }) => key === last.key) + 1", "0"],
      ["only the first alternative is tried", "length: options - 1", "length: 1"],
      ["one run after the other has its turn", "else this.#turn++;", ""],
    ],
  ),
  ...inFile(
    "deciders",
    ["explore"],
    [["random orders are those of one seed", "randomOf(Math.imul(seed, 0x9e3779b1))", "randomOf(1)"]],
  ),
  ...inFile(
    "search",
    ["explore"],
    [
      ["nothing random is tried", "chooseAtRandom(seed, shape)", "deviate([])"],
      [
        "nothing systematic is tried",
        "this.#tryOrFail(deviate(deviations), usual)",
        "this.#tryOrFail(deviate([]), usual)",
      ],
      [
        "a failure is not run again",
        "const again = await this.#failing(deviationsOf(outcome));",
        "const again = deviationsOf(outcome);",
      ],
      ["the budget is no end", "performance.now() - this.#start > this.#settings.budget", "false"],
      ["a failure is not shortened", "const shrunk = await shrink(again, attempt);", "const shrunk = again;"],
      ["a shorter one elsewhere is not looked for", "shrunk.length < 2 ? undefined", "shrunk.length > 0 ? undefined"],
    ],
  ),
  ...inFile(
    "narrative",
    ["explore"],
    [["tasks of one name are not told apart", "count === 1 ? task.name", "count > 0 ? task.name"]],
  ),
  ...inFile(
    "schedule-line",
    [],
    [["a number is left out of the line", "value === 1 ? key : `${key}=${value}`", "key"]],
  ),
];
