import type { DeadlockLink, FoldedTasks, ScopeView, TaskView } from "../../../asyncio/index.ts";
import { type Html, html } from "../../../web/index.ts";
import { formatCount } from "../../text/describe.ts";
import { printable } from "../../printable.ts";
import { isCalm, joinGathers, onlyWait, titleOf } from "../fold-gather.ts";
import { liftServer } from "../lift-server.ts";
import type { Whereabouts } from "../whereabouts.ts";
import { named, type Words } from "./words.ts";

/** Renders the tree of tasks, and the deadlocks above it. */
export class TreeParts {
  readonly #words: Words;
  readonly #whereabouts: Whereabouts;

  constructor(words: Words, whereabouts: Whereabouts) {
    this.#words = words;
    this.#whereabouts = whereabouts;
  }

  /** The whole tree: the requests, everything else, and the server's own tasks in one line. */
  root(root: ScopeView): Html {
    const { requests, folded, server, rest } = liftServer(root, (id) => this.#whereabouts.roleOf(id));
    const items = [
      ...this.#tasks(requests),
      ...folded.map((one) => this.#folded(one)),
      ...this.#items(rest),
      ...(server.length === 0 ? [] : [this.#server(server)]),
    ];
    return items.length === 0 ? html`<p class="note">No task is running.</p>` : list(items);
  }

  /** A circle of tasks that wait for each other. */
  deadlock(circle: readonly DeadlockLink[]): Html {
    return html`<section class="deadlock">
      <h2>Deadlock</h2>
      <ol>
        ${circle.map(
          ({ task, waits, blocker }) =>
            html`<li>
              ${this.#words.reference(task)} waits for
              ${this.#words.wait(waits)}${
                waits.heldBy === undefined && html`, which ${this.#words.reference(blocker)} would end`
              }
            </li>`,
        )}
      </ol>
    </section>`;
  }

  #under(scope: ScopeView, withWaits = true): Html {
    const items = this.#items(scope, withWaits);
    return items.length === 0 ? html`` : list(items);
  }

  #items(scope: ScopeView, withWaits = true): Html[] {
    const { scopes, tasks, folded, more } = scope;
    const waits = (withWaits ? scope.waits : []).filter((wait) => groupOf(wait.resource, scopes) === undefined);
    return [
      ...waits.map((wait) => html`<li class="wait"><p>waits for ${this.#words.wait(wait)}</p></li>`),
      ...scopes.map((child, i) => this.#scope(child, i, withWaits ? scope : undefined)),
      ...this.#tasks(tasks),
      ...folded.map((one) => this.#folded(one)),
      ...(more > 0 ? [html`<li class="folded"><p>… and ${formatCount(more)} more waits and scopes</p></li>`] : []),
    ];
  }

  #scope(scope: ScopeView, index: number, parent: ScopeView | undefined): Html {
    const wait = onlyWait(scope);
    const joined = parent?.waits.find(({ resource }) => groupOf(resource, parent.scopes) === scope);
    return html`<li class="scope" data-k="s${index}">
      <p>
        <span class="kind">${printable(scope.kind)}</span>${joined !== undefined && html` ${this.#words.since(joined.ms)}`}
        ${this.#words.marks(scope)} ${wait !== undefined && this.#words.wait(wait)}
      </p>
      ${this.#under(scope, wait === undefined)}
    </li>`;
  }

  #tasks(tasks: readonly TaskView[]): Html[] {
    return joinGathers(tasks, (id) => this.#whereabouts.awaiterOf(id)).map(({ task, gather }) =>
      gather === undefined ? this.#task(task) : this.#gather(task, gather),
    );
  }

  #task(task: TaskView): Html {
    const wait = onlyWait(task);
    const running = html`<span class="note">runs, or awaits a promise that is not Pottle's</span>`;
    return html`<li class="task ${task.state}" id="task-${task.id}" data-k="t${task.id}">
      <p>
        ${nameOf(task)}${this.#words.marks(task)}
        ${task.state === "running" ? running : wait !== undefined && this.#words.wait(wait)}
      </p>
      ${this.#under(task, wait === undefined)}
    </li>`;
  }

  // A `gather` that only waits is collapsed, because it contains no information besides that of its tasks.
  #gather(task: TaskView, gather: TaskView): Html {
    const [wait] = task.waits;
    const name = task === gather ? html`<span class="name"></span>` : nameOf(task);
    const line = html`${name}${this.#words.marks(task)}${task !== gather && this.#words.marks(gather)}
      <span class="resource">${printable(titleOf(gather, wait))}</span>
      ${wait !== undefined && this.#words.since(wait.ms)}`;
    const items = this.#items(gather, false);
    return html`<li class="task ${task.state}" id="task-${task.id}" data-k="t${task.id}">
      ${items.length === 0 ? html`<p>${line}</p>` : fold(line, list(items), !isCalm(gather))}
    </li>`;
  }

  #server(tasks: readonly TaskView[]): Html {
    const line = html`<span class="name">server: ${formatCount(tasks.length)} ${tasks.length === 1 ? "task" : "tasks"}</span>`;
    const isStuck = tasks.some(({ state }) => state === "stuck" || state === "stopping");
    return html`<li class="server" data-k="server">${fold(line, list(tasks.map((task) => this.#task(task))), isStuck)}</li>`;
  }

  #folded({ count, below, waits, ms }: FoldedTasks): Html {
    return html`<li class="folded">
      <p>
        … and ${formatCount(count)}
        more${
          below > 0 && ` with ${formatCount(below)} below`
        }${waits !== undefined && html` that wait for ${printable(waits)}, the first for ${this.#words.since(ms ?? 0)}`}
      </p>
    </li>`;
  }
}

function list(items: readonly Html[]): Html {
  return html`<ul>
    ${items}
  </ul>`;
}

// A collapsible element. The browser opens or closes it when `isOpen` changes; otherwise it keeps the user's choice.
function fold(line: Html, below: Html, isOpen: boolean): Html {
  return html`<details data-open="${isOpen ? 1 : 0}" ${isOpen && html` open`}>
    <summary>${line}</summary>
    ${below}
  </details>`;
}

// The name of a task. Its colour shows its state; important states are also shown in words.
function nameOf(task: TaskView): Html {
  const kind = task.kind === "task" ? "" : `${task.kind} `;
  const isNamed = task.kind === "task" || !/^Task-\d+$/.test(task.name);
  return html`<span class="name">${printable(kind)}${named(isNamed ? task.name : "", task.id)}</span
  >${task.state === "stuck" && html`<span class="badge stuck">stuck</span>`}`;
}

// The group that a wait is for. The text `taskGroup of a, b` is not needed if the group with its tasks is shown below.
function groupOf(resource: string, scopes: readonly ScopeView[]): ScopeView | undefined {
  return scopes.find(({ kind, tasks }) => tasks.length > 0 && resource.startsWith(`${kind} of `));
}
