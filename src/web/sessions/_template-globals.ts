import { isDict } from "../jinja/dict.ts";
import { getFlashedMessages } from "./flash.ts";

/** The messages for a template, which names the options as Flask does or as we do, or gives them in order. */
export function flashedMessages(args: readonly unknown[]): unknown {
  const last = args.at(-1);
  const named = isDict(last) ? last : {};
  const [first, second] = args.filter((arg) => arg !== named);
  const withCategories = named["with_categories"] ?? named["withCategories"] ?? first;
  const categoryFilter = named["category_filter"] ?? named["categoryFilter"] ?? second ?? [];
  return getFlashedMessages({
    withCategories: withCategories === true,
    categoryFilter: categoryFilter as readonly string[],
  });
}
