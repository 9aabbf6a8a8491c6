import {
  addInstrument,
  allTasks,
  cancellationOf,
  type ExceptionContext,
  outside,
  type Park,
  setExceptionHandler,
} from "../../src/asyncio/index.ts";
import { hasParks, runtime } from "../../src/asyncio/core/index.ts";
import { SeededSchedule, VirtualClock, waitAllTasksParked } from "../../src/asyncio/testing/index.ts";
import type { Counts } from "./_tally.ts";
import { Trace } from "./_trace.ts";
import { describe, World } from "./_world.ts";

/** A primitive under storm, as set up for one round. */
export interface Act {
  /** Whether a wait is one at the primitive. */
  isAt(park: Park): boolean;
  /** One thing that a worker does with it. */
  step(): Promise<void>;
  /** Looks whether what must hold does, when everybody waits. */
  atRest?(): void;
  /** Sees to it that nobody waits for what will not come any more. */
  wrapUp?(): void;
  /** Looks whether what must hold does, when nobody is left. */
  atEnd?(): void;
}

/** A primitive that can be put under storm. */
export interface Scenario {
  readonly name: string;
  /** Whether it needs the machine's own clock, as what is not this process' own does. @default false */
  readonly isReal?: boolean;
  /** Whether the exception handler may hear of something. @default nothing */
  readonly mayReport?: (report: ExceptionContext) => boolean;
  setUp(world: World): Act;
}

/** Milliseconds after which a round hangs that does not come to its end although nobody is cancelled any more. */
const LIMIT_MS = 30_000;

/** How a round is run. */
export interface RoundOptions {
  readonly seed: number;
  /** How many cancellations end it. */
  readonly cancels: number;
}

/** What came of a round. */
export interface RoundOutcome {
  /** What went wrong; empty if nothing did. */
  readonly violations: readonly string[];
  /** A number that is the same for two runs of one seed. */
  readonly hash: number;
}

/** Runs one round; it depends on nothing but its arguments. */
export async function runRound(scenario: Scenario, options: RoundOptions, counts: Counts): Promise<RoundOutcome> {
  const seed = mix(options.seed, scenario.name);
  using installed = new DisposableStack();
  const clock = installed.use(scenario.isReal === true ? new RealClock() : new VirtualClock());
  installed.use(new SeededSchedule(seed));
  const trace = new Trace((park) => act.isAt(park));
  const world = new World(seed, counts, trace);
  const act = scenario.setUp(world);
  installed.use(watch(world, trace, scenario.mayReport ?? (() => false)));
  counts.rounds++;
  populate(world, act);
  await storm(world, act, clock, options.cancels);
  await calm(world, act, clock);
  checkNothingLeft(world, clock);
  if (world.violations.length === 0) look(world, () => act.atEnd?.());
  await clear(world, clock);
  return { violations: world.violations, hash: trace.hash };
}

/** What time a round goes by. */
type Clock = Pick<VirtualClock, "timers" | "advanceToNext">;

// On the machine's own clock there may be no moment at which all tasks wait: on a busy one, some timer is always due.
function rest(clock: Clock): Promise<unknown> {
  return clock instanceof RealClock ? clock.advanceToNext() : waitAllTasksParked();
}

/** The machine's clock, with the face of a virtual one. */
class RealClock implements Clock, Disposable {
  get timers(): number {
    return runtime.timers.size;
  }

  /** Lets a moment pass. Returns `false` if there is nothing left to wait for. */
  async advanceToNext(): Promise<boolean> {
    await new Promise((resolve) => void outside(setTimeout, resolve, 1));
    return allTasks().size > 0;
  }

  [Symbol.dispose](): void {}
}

// One seed means something else to each primitive.
function mix(seed: number, name: string): number {
  let mixed = seed;
  for (let index = 0; index < name.length; index++) mixed = Math.imul(mixed ^ name.charCodeAt(index), 0x01000193);
  return mixed >>> 0;
}

function populate(world: World, act: Act): void {
  for (let workers = 3 + world.int(5); workers > 0; workers--) world.addWorker(() => act.step());
  for (let tormentors = 1 + world.int(2); tormentors > 0; tormentors--) world.addTormentor(`Tormentor-${tormentors}`);
}

async function storm(world: World, act: Act, clock: Clock, cancels: number): Promise<void> {
  await rest(clock);
  while (world.cancels < cancels && world.violations.length === 0) {
    look(world, () => act.atRest?.());
    if (clock.timers > 0 && world.chance(0.8)) await clock.advanceToNext();
    else await strikeAtRest(world, clock);
  }
}

// A look that fails is a finding as well.
function look(world: World, fn: () => void): void {
  try {
    fn();
  } catch (error) {
    world.violations.push(`a look at rest failed: ${describe(error)}`);
  }
}

async function strikeAtRest(world: World, clock: Clock): Promise<void> {
  for (let strikes = 1 + world.int(4); strikes > 0; strikes--) world.strike();
  await rest(clock);
}

// Nobody is cancelled any more: everybody must come to an end.
async function calm(world: World, act: Act, clock: Clock): Promise<void> {
  world.isOver = true;
  look(world, () => act.wrapUp?.());
  await rest(clock);
  await runDown(clock);
}

async function runDown(clock: Clock): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (performance.now() < end && (await clock.advanceToNext()));
}

function checkNothingLeft(world: World, clock: Clock): void {
  for (const task of allTasks()) world.violations.push(`hangs: ${task.name}, ${task.waitsFor}`);
  world.require(
    world.scope.firstTask === undefined && !hasParks(world.scope),
    "something is left in the scope of the round",
  );
  world.require(clock.timers === 0, `${clock.timers} timers are left`);
}

// What went wrong may have left tasks behind, which are none of the next round's business. Otherwise there are none.
async function clear(world: World, clock: Clock): Promise<void> {
  const closing = world.scope.close(true, 0);
  await runDown(clock);
  await closing;
}

// Hears of errors that nobody awaits.
function watch(world: World, trace: Trace, mayReport: (report: ExceptionContext) => boolean): Disposable {
  const handler = setExceptionHandler((report) => {
    if (mayReport(report)) return;
    const { message, error } = report;
    world.violations.push(error === undefined ? message : `${message}: ${describe(error)}`);
  });
  const onRejection = (reason: unknown): void => {
    if (cancellationOf(reason)?.isStray !== true) world.violations.push(`unhandled rejection: ${describe(reason)}`);
  };
  const remove = addInstrument(trace);
  process.on("unhandledRejection", onRejection);
  return {
    [Symbol.dispose](): void {
      process.off("unhandledRejection", onRejection);
      remove();
      setExceptionHandler(handler);
    },
  };
}
