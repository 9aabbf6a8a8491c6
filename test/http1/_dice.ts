import { randomOf } from "../../src/asyncio/testing/index.ts";

/** Random choices that follow from a seed. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomOf(seed);
  }

  /** Whether something of the given probability happens. */
  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** A whole number from 0 to `below` - 1. */
  int(below: number): number {
    return Math.floor(this.#random() * below);
  }

  /** One of several. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.int(choices.length)]!;
  }

  /** A text of `length` characters out of `alphabet`. */
  text(alphabet: string, length: number): string {
    let text = "";
    while (text.length < length) text += alphabet[this.int(alphabet.length)];
    return text;
  }
}
