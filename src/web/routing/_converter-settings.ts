import { outOfRange } from "../../base/refusal.ts";

/** A converter's arguments as they stand in the path: `min=1` is named, `a` is an item. */
export interface ConverterArguments {
  /** The arguments without a name, in their order. */
  readonly items: readonly string[];
  /** The arguments with a name. */
  readonly named: ReadonlyMap<string, string>;
}

/** A converter's arguments, taken one by one, so that those which were not taken can be refused. */
export class ConverterSettings {
  readonly #converter: string;
  readonly #items: string[];
  readonly #named: Map<string, string>;

  constructor(converter: string, args: ConverterArguments) {
    this.#converter = converter;
    this.#items = [...args.items];
    this.#named = new Map(args.named);
  }

  /** Takes the arguments without a name. */
  takeItems(): string[] {
    return this.#items.splice(0);
  }

  /** Takes a boolean, in the spelling of JavaScript or of Python. */
  flag(name: string): boolean {
    const text = this.#take(name) ?? "false";
    if (/^(?:[tT]rue|[fF]alse)$/.test(text)) return text.toLowerCase() === "true";
    throw this.#wrong(name, "true or false", text);
  }

  /** Takes a whole number >= 0. */
  count(name: string): number | undefined {
    const value = this.number(name);
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return value;
    throw this.#wrong(name, "a whole number >= 0", String(value));
  }

  /** Takes a number. */
  number(name: string): number | undefined {
    const text = this.#take(name);
    if (text === undefined || /^-?\d+(\.\d+)?$/.test(text)) return text === undefined ? undefined : Number(text);
    throw this.#wrong(name, "a number", text);
  }

  /** @throws {RangeError} If an argument was not taken. */
  refuseRest(): void {
    const rest = [...this.#items, ...this.#named.keys()][0];
    if (rest === undefined) return;
    throw new RangeError(`Cannot use the converter '${this.#converter}' as it has no argument '${rest}'`);
  }

  /** @throws {RangeError} If the smallest value is larger than the largest. */
  requireOrder(least: number, most: number): void {
    if (least <= most) return;
    throw outOfRange(`use the converter '${this.#converter}'`, `the least must not be above ${most}`, least);
  }

  #take(name: string): string | undefined {
    const text = this.#named.get(name);
    this.#named.delete(name);
    return text;
  }

  #wrong(name: string, wanted: string, text: string): RangeError {
    return outOfRange(`use the converter '${this.#converter}'`, `'${name}' must be ${wanted}`, text);
  }
}
