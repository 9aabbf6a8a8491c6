// What every server answers, so that all do the same work.

import { join } from "node:path";

export const port = Number(process.argv[2]);

export const text = "Hello, World!";
export const todo = { id: 7, title: "Water the plants", done: false, tags: ["home", "garden"], hours: 0.5 };

/** How many routes with a parameter there are, below different texts. */
export const routeCount = 300;
export const routes = Array.from({ length: routeCount }, (_, i) => `area-${i}`);

/** The header that the row `headers` reads. */
export const header = "x-header-7";

/** The twelve rows of the template. One has text to be escaped. */
export const rows = Array.from({ length: 12 }, (_, i) => ({
  id: i + 1,
  message: i === 5 ? '<script>alert("This should not be displayed")</script>' : `Additional fortune number ${i + 1}`,
}));

/** The answer for an order that was validated. */
export function totalOf({ items }) {
  return { total: items.reduce((sum, { price, quantity }) => sum + price * quantity, 0) };
}

/** The JSON Schema of an order. */
export const orderSchema = {
  type: "object",
  required: ["customer", "email", "items"],
  properties: {
    customer: { type: "string", minLength: 1, maxLength: 100 },
    email: { type: "string", pattern: "^[^@ ]+@[^@ ]+$" },
    note: { type: "string", maxLength: 1000 },
    items: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        required: ["sku", "name", "price", "quantity"],
        properties: {
          sku: { type: "string", pattern: "^[A-Z]{3}-[0-9]{4}$" },
          name: { type: "string", minLength: 1 },
          price: { type: "number", minimum: 0 },
          quantity: { type: "integer", minimum: 1, maximum: 100 },
        },
      },
    },
  },
};

/** The same schema, of zod. */
export function zodOrder(z) {
  return z.object({
    customer: z.string().min(1).max(100),
    email: z.string().regex(/^[^@ ]+@[^@ ]+$/),
    note: z.string().max(1000).optional(),
    items: z
      .array(
        z.object({
          sku: z.string().regex(/^[A-Z]{3}-[0-9]{4}$/),
          name: z.string().min(1),
          price: z.number().min(0),
          quantity: z.int().min(1).max(100),
        }),
      )
      .min(1),
  });
}

export const secret = "a secret of thirty-two bytes, ok";

/** The folder of the static file, and that of the templates. */
export const files = process.argv[3];
export const templates = join(import.meta.dirname, "templates");
