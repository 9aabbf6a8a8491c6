// Pottle's server with an application that does nothing but answer: what its web floor cannot be faster than.
import { runServer } from "pottle/server";
import { port, text } from "./answers.mjs";

const headers = ["Content-Type", "text/plain; charset=utf-8"];
await runServer({ handle: (exchange) => exchange.respond(200, headers, text) }, { port });
