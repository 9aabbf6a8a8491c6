// Step 3: the views move into blueprints, each in a module of its own.
import { Pottle } from "pottle";
import { city } from "./city.ts";
import { home } from "./home.ts";

const app: Pottle = new Pottle(import.meta);
app.register(home);
app.register(city);

// On the application, not on a blueprint: an address that nobody has belongs to none.
app.errorHandler(404, () => "The page was not found.");

export default app;
