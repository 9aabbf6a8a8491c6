import { type Application, Lifespan } from "../../http/index.ts";

/** One lifespan for several applications: they start in their order, and stop in the reverse one. Each starts once. */
export function joinLifespans(applications: Iterable<Application>): Lifespan {
  const joined = new Lifespan();
  const lifespans = new Set<Lifespan>();
  for (const { lifespan } of applications) if (lifespan !== undefined) lifespans.add(lifespan);
  for (const lifespan of lifespans) {
    joined.onStart(() => lifespan.start());
    joined.onStop(() => lifespan.stop());
  }
  return joined;
}
