// The signal of the current scope, handed to what ends by it, to what only listens, and to what stays.

import { EventEmitter, once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import {
  checkpoint,
  currentSignal,
  currentTask,
  isCancelled,
  outside,
  sleep,
  timeout,
  TimeoutError,
} from "../../src/asyncio/index.ts";
import { combinatorAct, tolerate } from "./_jobs.ts";
import type { Scenario } from "./_round.ts";
import type { World } from "./_world.ts";

/** Code that is thrown out of what it waits for by the signal, and cleans up. */
export const thrownOut: Scenario = { name: "signal heard", setUp: (world) => combinatorAct(world, runThrownOut) };

/** The signal in the hands of a listener that stays, or of work in the background. */
export const leftover: Scenario = { name: "signal left", setUp: (world) => combinatorAct(world, runLeftover) };

/** Limits kept by what takes a signal, with other listeners beside it. */
export const limited: Scenario = { name: "signal in time", setUp: (world) => combinatorAct(world, runLimited) };

const HOUR = 3_600_000;

// The finally block runs whole: what threw the code out has been delivered, and is not delivered again.
async function runThrownOut(world: World): Promise<void> {
  const worker = currentTask()!;
  const before = world.strikes(worker) - worker.cancelling();
  let isWhole = false;
  let hasRunOut = false;
  try {
    await timeout(1 + world.int(4), (limit) =>
      world.attempt(async () => {
        try {
          await endsBySignal(world);
        } finally {
          hasRunOut = limit.expired;
          if (!hasRunOut) limit.reschedule(Infinity);
          isWhole = await cleanUp();
        }
      }),
    );
  } catch (error) {
    // One request throws the code out; a second one cuts what the first has led to.
    const requests = world.strikes(worker) - before + Number(hasRunOut);
    world.require(isWhole || requests > 1, "a finally block was cut by the cancellation that had led to it");
    tolerate(world, error, TimeoutError);
    world.forgive();
  }
}

async function cleanUp(): Promise<boolean> {
  await sleep(0);
  await sleep(1);
  return true;
}

// What the platform has that takes a signal and rejects in the turn of its abort.
async function endsBySignal(world: World): Promise<unknown> {
  // A signal that is aborted from the start throws the code out before it waits; that is another matter.
  if (currentTask()!.cancelling() > 0) return sleep(0);
  const signal = signalInAnyForm(world);
  const kind = world.int(3);
  if (kind === 0) return once(new EventEmitter(), "never", { signal });
  if (kind === 1) return outside(() => delay(HOUR, undefined, { signal, ref: false }));
  return rejection(signal);
}

function signalInAnyForm(world: World): AbortSignal {
  const signal = currentSignal();
  const kind = world.int(3);
  if (kind === 0) return signal;
  if (kind === 1) return AbortSignal.any([signal]);
  return AbortSignal.any([AbortSignal.any([signal, new AbortController().signal]), new AbortController().signal]);
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

// Somebody else hears the signal; the code itself has not, and its next wait in a later turn throws.
async function runLeftover(world: World): Promise<void> {
  const worker = currentTask()!;
  await checkpoint();
  const before = world.strikes(worker);
  try {
    await world.attempt(() =>
      timeout(Infinity, async () => {
        if (world.isFresh(worker)) return;
        leaveListener(world);
        await world.foreign(1 + world.int(3));
        if (world.isFresh(worker)) return;
        await nextTurn();
        if (world.isFresh(worker)) return;
        const isDue = world.strikes(worker) > before;
        await sleep(1);
        world.require(!isDue, "a listener that stays ate a cancellation");
      }),
    );
  } catch (error) {
    tolerate(world, error);
  }
  // One that came in the very turn in which the code went on may have been what threw it out.
  world.forgive();
}

// The platform's: in a later turn than that of an abort, no code goes on that was thrown out by the signal.
function nextTurn(): Promise<void> {
  return new Promise((resolve) => void outside(setImmediate, resolve));
}

function leaveListener(world: World): void {
  const kind = world.int(5);
  const signal = kind < 2 ? currentSignal() : AbortSignal.any([currentSignal()]);
  if (kind === 0 || kind === 2) signal.addEventListener("abort", () => undefined);
  else if (kind === 1) outside(() => delay(HOUR, undefined, { signal, ref: false })).catch(() => undefined);
  else if (kind === 3) rejection(signal).catch(() => undefined);
  else void new Request("http://localhost", { signal });
}

// However many listen, a limit ends its body at the first wait after it.
async function runLimited(world: World): Promise<void> {
  const ms = 1 + world.int(2);
  const end = world.now() + ms;
  let isOver = false;
  try {
    await world.attempt(() =>
      timeout(ms, async () => {
        leaveListener(world);
        // Not until the very moment of the limit: what goes on in that turn may have been thrown out by it.
        if (world.chance(0.5)) await sleep(ms - 0.5);
        await world.foreign(ms + 1);
        await nextTurn();
        await sleep(1);
        isOver = true;
      }),
    );
    world.require(false, "a limit was not kept");
  } catch (error) {
    world.require(!isOver, "a limit ended its body too late");
    world.require(world.now() >= end || isCancelled(error), "a limit ended its body too early");
    tolerate(world, error, TimeoutError);
  }
  world.forgive();
}
