/** The numbers of the episodes that the programs read. */
export const episodes: readonly number[] = Array.from({ length: 20 }, (_, n) => 150 + n);

const names = [
  "Lighthouses of the event loop",
  "A closer look at queues",
  "What the garbage collector saw",
  "Threads, and other things that fray",
  "Postcards from a distributed system",
  "The art of the small function",
  "How to wait well",
  "Reading other people's tests",
  "Numbers that are not numbers",
  "Naming things, part one",
  "Cache me if you can",
  "Naming things, part three",
  "A week without exceptions",
  "Parsers for people in a hurry",
  "The shape of a good error",
  "Time zones on a flat map",
  "Garden paths and type checkers",
  "Fifty ways to leave your loop",
  "Locks, keys and deadlocks",
  "Everything at once, in order",
];

/** What an episode of the bundled site is called. */
export function nameOf(episode: number): string {
  return names[episode - 150] ?? "An episode that nobody has recorded";
}
