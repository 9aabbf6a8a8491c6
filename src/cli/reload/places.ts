import { choosePort, isFixedPort, isSocket, type RunSettings } from "../run-settings.ts";
import type { Place } from "./held-sockets.ts";

/** Where an application is to listen. */
export interface Plan {
  readonly places: readonly Place[];
  /** Whether any free port will do for the one place there is, so that the first that it gets is kept. */
  readonly isAnyPort: boolean;
}

/**
 * Where an application is to listen.
 *
 * @param last - The port on which it listened before it was started again, if any.
 */
export async function planOf(settings: RunSettings, last: number | undefined): Promise<Plan> {
  const { host, bind } = settings.values;
  const port = await choosePort(settings, last);
  if (bind === undefined) return { places: [{ host, port }], isAnyPort: !isSocket(host) && !isFixedPort(settings) };
  return { places: bind.flatMap((text) => placeOf(text, port)), isAnyPort: false };
}

// One that is wrong is left out, and refused by the server; a descriptor is inherited already.
function placeOf(text: string, port: number): Place[] {
  const place = text.replace(/^https?:\/\//, "");
  if (isSocket(place)) return [{ host: place, port: 0 }];
  const [, address, name, digits] = /^(?:\[([\dA-Fa-f:.%\w]+)\]|([^\s:/[\]]*))(?::(\d{1,5}))?$/.exec(place) ?? [];
  const host = address ?? name;
  if (host === undefined) return [];
  return [{ host: host === "" ? "::" : host, port: digits === undefined ? port : Number(digits) }];
}
