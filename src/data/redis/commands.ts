import type { Request } from "./request.ts";
import { type RedisRequests, requests } from "./requests.ts";

/** The methods of {@link RedisRequests}; each sends its command and returns the reply. */
export type RedisCommands = {
  readonly [Name in keyof RedisRequests]: (
    ...args: Parameters<RedisRequests[Name]>
  ) => Promise<ReturnType<RedisRequests[Name]> extends Request<infer T> ? T : never>;
};

// The base class of the client, on which the command methods are defined. It sends requests.
abstract class Sender {
  abstract send<T>(request: Request<T>): Promise<T>;
}

for (const name of Object.keys(requests) as (keyof RedisRequests)[]) {
  const make: (...args: never[]) => Request<unknown> = requests[name];
  const value = async function (this: Sender, ...args: never[]): Promise<unknown> {
    return this.send(make(...args));
  };
  Object.defineProperty(Sender.prototype, name, { value, writable: true, configurable: true });
}

/** @internal A class with a method for each kind of request; each calls the method `send` of the subclass. */
export const CommandMethods: abstract new () => RedisCommands = Sender as unknown as abstract new () => RedisCommands;
