// For `pottle run`.
import { Pottle } from "pottle";
import { plain } from "./answers.mjs";
import { work } from "./work.mjs";

const app = new Pottle(import.meta);
app.get("/plain", async () => plain);
app.get("/work/<int:microseconds>", async ({ microseconds }) => work(microseconds));
export default app;
