// An API with contracts, its documentation at /docs, and a typed client.   run it:  npx pottle run app.ts
import { addContractRoutes, Pottle, redirect, reply } from "pottle";
import { addOpenapi } from "pottle/openapi";
import { routes, type Todo } from "./contract.ts";

const missing = (id: number) => reply(404, { detail: `There is no todo ${id}.` });

/** Makes the API, with todos of its own: they are in memory. */
export function createApp(): Pottle {
  const app = new Pottle(import.meta);
  const todos = new Map<number, Todo>();
  let count = 0;

  addContractRoutes(app, routes, {
    "GET /todos": ({ query: { done, limit } }) =>
      [...todos.values()].filter((todo) => done === undefined || todo.done === done).slice(0, limit),
    "POST /todos": ({ body }) => {
      const todo = { id: ++count, done: false, ...body };
      todos.set(todo.id, todo);
      return reply(201, todo, { Location: app.urlFor("/todos/<int:id>", { id: todo.id }) });
    },
    "GET /todos/<int:id>": ({ id }) => todos.get(id) ?? missing(id),
    "PATCH /todos/<int:id>": ({ id, body }) => {
      const todo = todos.get(id);
      if (todo === undefined) return missing(id);
      const { title = todo.title, done = todo.done, due = todo.due } = body;
      const changed = { id, title, done, due };
      todos.set(id, changed);
      return changed;
    },
    "DELETE /todos/<int:id>": ({ id }) => (todos.delete(id) ? reply(204, null) : missing(id)),
  });

  app.get("/", { hidden: true }, () => redirect(app.urlFor("/docs")));
  addOpenapi(app, { title: "Todos", version: "1.0.0", description: "Things to do." });
  return app;
}

const app: Pottle = createApp();
export default app;
