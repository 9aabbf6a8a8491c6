// What the API takes and gives. The server validates by it, the client is typed by it, the documentation is made of it.
import { contractRoutes } from "pottle";
import { z } from "zod";

const Title = z.string().trim().min(1).max(200);

const Due = z.iso.date().nullable();

const Todo = z.object({ id: z.int(), title: Title, done: z.boolean(), due: Due }).meta({ id: "Todo" });
const NewTodo = z.object({ title: Title, due: Due.default(null) }).meta({ id: "NewTodo" });
const Changes = z.object({ title: Title, done: z.boolean(), due: Due }).partial().meta({ id: "Changes" });
const Missing = z.object({ detail: z.string() }).meta({ id: "Missing" });

/** A todo. */
export type Todo = z.output<typeof Todo>;

/** The routes of the API. */
export const routes = contractRoutes({
  "GET /todos": {
    summary: "List the todos",
    query: z.object({ done: z.stringbool().optional(), limit: z.coerce.number().int().min(1).max(100).default(100) }),
    response: z.array(Todo),
  },
  "POST /todos": { summary: "Add a todo", body: NewTodo, response: { 201: Todo } },
  "GET /todos/<int:id>": { summary: "Show a todo", response: { 200: Todo, 404: Missing } },
  "PATCH /todos/<int:id>": { summary: "Change a todo", body: Changes, response: { 200: Todo, 404: Missing } },
  "DELETE /todos/<int:id>": { summary: "Remove a todo", response: { 204: null, 404: Missing } },
});
