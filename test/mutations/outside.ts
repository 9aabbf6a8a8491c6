import { inFile, type Mutation } from "./_mutation.ts";

const managers = ["aclosing", "async-context-manager", "async-exit-stack", "merge", "buffer", "take", "chunk"];

/** Mistakes in streams, processes, threads, context managers and generators. */
export const outsideMutations: readonly Mutation[] = [
  ...inFile(
    "streams/stream-reader",
    ["streams/server"],
    [
      [
        "read() gives all at once",
        "() => this.#take(Math.min(count, this.#bytes.size)),",
        "() => this.#take(this.#bytes.size),",
      ],
      ["readExactly() gives fewer", "() => this.#bytes.size >= count,", "() => this.#bytes.size > 0,"],
      [
        "readExactly() takes what is short of it",
        "if (this.#bytes.size < count) throw new IncompleteReadError(this.#take(this.#bytes.size), count);",
        "if (this.#bytes.size < count) return this.#take(this.#bytes.size);",
      ],
      [
        "readExactly() takes a negative count",
        'async readExactly(count: number): Promise<Buffer> {\n    requireCount(count, 0, "read that many bytes");',
        "async readExactly(count: number): Promise<Buffer> {",
      ],
      [
        "readUntil() takes what has no separator",
        "if (match === undefined) throw new IncompleteReadError(this.#take(this.#bytes.size));",
        "if (match === undefined) return this.#take(this.#bytes.size);",
      ],
      ["readUntil() leaves the separator", "return this.#take(match.end);", "return this.#take(match.start);"],
      ["readUntil() has no limit", "if (before > this.limit) throw", "if (before > Infinity) throw"],
      [
        "readUntil() over the limit drops the bytes",
        "if (before > this.limit) throw",
        "if (before > this.limit) this.#take(this.#bytes.size);\n    if (before > this.limit) throw",
      ],
      ["readLine() throws the last line away", "if (error instanceof IncompleteReadError) return error.partial;", ""],
      [
        "readLine() keeps a line that is too long",
        "this.#take(view[cause.consumed] === newline ? cause.consumed + 1 : size);",
        "void [view, size];",
      ],
      [
        "readLine() drops all when a line is too long",
        "view[cause.consumed] === newline ? cause.consumed + 1 : size",
        "size",
      ],
      ["the end is not noticed", "this.#ended = true;\n    this.#waiters.serveAll();", "this.#ended = true;"],
      ["an error is not noticed", "this.#failed = true;", ""],
      [
        "setException() wakes who was cancelled",
        "this.#error = error;\n    this.#waiters.serveAll();",
        "this.#error = error;\n    if (this.#waiters.first === undefined) throw error;\n    this.#waiters.serveAll();",
      ],
      ["the source is not paused", "if (this.#bytes.size > 2 * this.limit) this.#pause();", ""],
      [
        "a cancelled read keeps others from reading",
        "    } finally {\n      this.#reading = false;\n    }",
        "    } finally {\n    }",
      ],
    ],
  ),
  ...inFile(
    "streams/_separator",
    ["streams/stream-reader"],
    [
      [
        "a separator that comes in two pieces is missed",
        "Math.max(0, bytes.length + 1 - this.#longest)",
        "bytes.length",
      ],
      [
        "the first separator of the list is found",
        "if (start !== -1) found = earlier(found, {",
        "if (start !== -1) found ??= earlier(found, {",
      ],
      [
        "the separator that begins first is found",
        "if (one === undefined || other.end < one.end) return other;",
        "if (one === undefined || other.start < one.start) return other;",
      ],
    ],
  ),
  ...inFile(
    "streams/_byte-buffer",
    ["streams/stream-reader"],
    [
      ["what remains is lost", "this.#start += count;", "this.#start = this.#end;"],
      ["bytes come in the wrong order", "this.#store.set(bytes, this.#end);", "this.#store.set(bytes, this.#start);"],
    ],
  ),
  ...inFile(
    "streams/stream-writer",
    ["streams/server", "streams/tls", "streams/stream-reader", "streams/open-connection"],
    [
      [
        "one who drains is woken",
        "const onDrain = (): void => this.#drains.serveAll();",
        "const onDrain = (): void => void this.#drains.serve();",
      ],
      [
        "a lost connection is not noticed",
        'if (this.#isLost) throw this.#lost("write to the stream");\n    if (!this.#stream',
        "if (!this.#stream",
      ],
      ["drain() never waits", "if (!this.#stream.writableNeedDrain) return;", "return;"],
      [
        "close() does not close",
        "if (this.#stream instanceof Socket) this.#stream.destroySoon();",
        "if (this.#stream instanceof Socket) return;",
      ],
    ],
  ),
  ...inFile(
    "streams/server",
    [],
    [
      [
        "waitClosed() does not wait for the clients",
        "return this.#closed && this.#writers.size === 0;",
        "return this.#closed;",
      ],
      ["waitClosed() does not wait", "while (!this.#isOver) await this.#waiters.wait(this);", ""],
      ["closeClients() closes none", "for (const writer of this.#writers) writer.close();", ""],
      ["abortClients() aborts none", "for (const socket of this.#sockets) socket.destroy();", ""],
      [
        "a handler that fails is not reported",
        "this.#report(`The handler of a client",
        "void (`The handler of a client",
      ],
      ["a cancelled handler is reported", "if (isCancelled(error)) throw error;\n      this.#report(", "this.#report("],
      [
        "it takes clients when it is closed",
        "this.#listener.close(() => {\n      this.#closed = true;\n      this.#wakeIfOver();\n    });",
        "this.#closed = true;\n    this.#wakeIfOver();",
      ],
      ["a client that is done stays connected", "await writer[Symbol.asyncDispose]();", ""],
    ],
  ),
  ...inFile(
    "subprocess/process",
    [],
    [
      ["wait() does not wait", "while (this.#returncode === undefined) await this.#waiters.wait(this);", ""],
      [
        "wait() wakes one",
        "hasExited(this);\n    this.#waiters.serveAll();",
        "hasExited(this);\n    this.#waiters.serve();",
      ],
      ["a signal gives its own number", "code ?? -constants.signals[signal!]", "code ?? constants.signals[signal!]"],
      [
        "an exit code is lost",
        "code ?? -constants.signals[signal!]",
        "code === null ? -constants.signals[signal!] : 0",
      ],
      ["input is not sent", "if (input !== undefined) this.stdin.write(input);", ""],
      ["stdin stays open", "    this.stdin.close();\n  }", "  }"],
      [
        "communicate() minds a broken pipe",
        "if (!(error instanceof ConnectionResetError)) throw error;",
        "throw error;",
      ],
      ["communicate() gives no output", "return [stdout, stderr];", "return [stderr, stdout];"],
      ["terminate() kills", 'return this.sendSignal("SIGTERM");', 'return this.sendSignal("SIGKILL");'],
      ["kill() asks", 'return this.sendSignal("SIGKILL");', 'return this.sendSignal("SIGTERM");'],
      ["close() lets it run", "    this.kill();\n    for (const pipe", "    for (const pipe"],
      [
        "stdin cannot be written",
        "this.stdin = child.stdin === null ? undefined :",
        "this.stdin = child.stdin !== null ? undefined :",
      ],
    ],
  ),
  ...inFile(
    "subprocess/create-subprocess",
    ["subprocess/process"],
    [
      [
        "a cancelled start leaves the process running",
        "await subprocess[Symbol.asyncDispose]();\n    throw error;",
        "throw error;",
      ],
      [
        "a command is not given to a shell",
        "{ shell: true, group: options.processGroup ?? true, name: command }",
        "{ shell: false, group: options.processGroup ?? true, name: command }",
      ],
    ],
  ),
  ...inFile(
    "to-thread",
    [],
    [
      [
        "arguments are lost",
        'name: name === "" ? "default" : name, args }',
        'name: name === "" ? "default" : name, args: [] }',
      ],
      [
        "errors are returned",
        'if ("thrown" in answer) throw unpack(answer.thrown);',
        'if ("thrown" in answer) return unpack(answer.thrown) as T;',
      ],
      ["results are lost", "return answer.value as T;", "return undefined as T;"],
    ],
  ),
  ...inFile(
    "_thread-pool",
    ["to-thread"],
    [
      [
        "a cancelled job goes on",
        "onCancel: (error, wait) => void thread.end().then(() => wait.fail(error)),",
        "onCancel: (error, wait) => void wait.fail(error),",
      ],
      [
        "jobs wait for each other for ever",
        "this.#size = this.#free = size;",
        "this.#size = size;\n    this.#free = 0;",
      ],
      ["a job that never began is lost", 'while ("begun" in answer) answer', "if (this.#size < 0) answer"],
    ],
  ),
  ...inFile(
    "_thread-worker",
    ["_thread-pool"],
    [["a late error is thrown to the next job", "const job = jobs.getStore() ?? current;", "const job = current;"]],
  ),
  ...inFile(
    "_thread",
    ["_thread-pool"],
    [
      [
        "each cancellation ends the thread anew",
        "return (this.#ending ??= this.#end(grace));",
        "return this.#end(grace);",
      ],
    ],
  ),
  ...inFile(
    "_prefetch",
    [],
    [
      [
        "pumps outlive their reader",
        "within({ kind, ownsTasks: true }, () => this.#run(sources))",
        "within({ kind }, () => this.#run(sources))",
      ],
      ["an iterator that threw is closed", "hasEnded ||= !isCancelled(error);", ""],
      ["a source's own cancellation is lost", "&& currentTask()!.cancelling() > 0) throw error;", ") throw error;"],
    ],
  ),
  ...inFile(
    "_thread-error",
    ["to-thread"],
    [["an error loses its class", "className: error.constructor.name,", 'className: "Error",\n    ']],
  ),
  ...inFile("aclosing", managers, [
    ["nothing is closed", "await iterator.return?.();", ""],
    ["it is closed twice", "await iterator.return?.();", 'await iterator.throw?.(new Error("closed"));'],
  ]),
  ...inFile(
    "async-context-manager",
    ["async-exit-stack"],
    [
      ["the value is lost", "return { value: step.value, close:", "return { value: undefined as T, close:"],
      ["the end of the generator does not run", "await opened.close();\n    return result;", "return result;"],
      ["the error does not reach the generator", "await generator.throw(failure.error);", "await generator.next();"],
      [
        "no error is ever kept",
        "if (await opened.close({ error })) return undefined;",
        "await opened.close({ error });",
      ],
      ["a generator need not yield", "if (step.done === true) throw", "if (step === undefined) throw"],
      [
        "a generator may yield twice",
        'throw new InvalidStateError("Cannot leave',
        'return true;\n  throw new InvalidStateError("Cannot leave',
      ],
    ],
  ),
  ...inFile(
    "async-exit-stack",
    [],
    [
      [
        "the first is closed first",
        "let exit = this.#exits.pop(); exit !== undefined; exit = this.#exits.pop()",
        "let exit = this.#exits.shift(); exit !== undefined; exit = this.#exits.shift()",
      ],
      ["callbacks lose their arguments", "await fn(...args);", "await (fn as () => unknown)();"],
      ["an exit function keeps nothing", "return keeps === true && failure !== undefined;", "return false;"],
      [
        "values are lost",
        "this.#exits.push(close);\n      return value;",
        "this.#exits.push(close);\n      return undefined;",
      ],
      ["the errors before are lost", "chain(error, failure.error)", "error"],
      ["what is entered is not closed", "this.#exits.push(close);", ""],
    ],
  ),
];
