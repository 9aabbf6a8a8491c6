import { BadRequest } from "../errors/statuses.ts";

/**
 * The arguments of a query or the fields of a form: a `URLSearchParams`, in which a name may have several values, with
 * `require()` for those that must be there.
 *
 * @example
 * const app = new Pottle(import.meta);
 * app.get("/search", (_, { args }) => ({ q: args.require("q"), tags: args.getAll("tag"), page: args.get("page") ?? "1" }));
 * const client = app.testClient();
 * console.log((await client.get("/search?q=sea&tag=a&tag=b")).text()); // {"q":"sea","tags":["a","b"],"page":"1"}
 * console.log((await client.get("/search")).status); // 400
 */
export class RequestValues extends URLSearchParams {
  /**
   * The first value of `name`.
   *
   * @throws {BadRequest} If there is none.
   */
  require(name: string): string {
    const value = this.get(name);
    if (value !== null) return value;
    throw new BadRequest(`This request must have a value for '${name}'.`);
  }
}
