import { parseParameters, splitQuoted } from "./split-quoted.ts";

/** One range of an `Accept` header or its kin: `text/*;q=0.5`. */
export interface AcceptRange {
  /** The range in lower case, without its parameters: `text/*`, `en-gb`, `gzip`. */
  readonly value: string;
  /** The parameters of a media range, without `q`; their names are in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The weight, from 0 to 1; 0 excludes. */
  readonly quality: number;
}

/** How well an offer is accepted. */
interface Verdict {
  readonly quality: number;
  readonly specificity: number;
}

const weight = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;
const noParameters: ReadonlyMap<string, string> = new Map();
const accepted: Verdict = { quality: 1, specificity: 0 };
const refused: Verdict = { quality: 0, specificity: -1 };

/**
 * The ranges of an `Accept`, `Accept-Charset`, `Accept-Encoding` or `Accept-Language` header, the preferred ones first. The
 * most specific range that matches an offer decides about it, as RFC 9110 demands. Without the header everything is
 * accepted. Ranges that cannot be read are left out.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5
 */
export abstract class AcceptList implements Iterable<AcceptRange> {
  /** The ranges: those of higher quality first, those of equal quality in the client's order. */
  readonly ranges: readonly AcceptRange[];
  /** Whether the client sent the header. */
  readonly isPresent: boolean;

  /** @param header The value of the header; `undefined` if there is none. */
  constructor(header: string | undefined) {
    this.isPresent = header !== undefined;
    this.ranges = header === undefined ? [] : parseRanges(header);
  }

  /** The range that the client prefers; `undefined` if it named none. */
  get best(): string | undefined {
    const [first] = this.ranges;
    return first === undefined || first.quality === 0 ? undefined : first.value;
  }

  /** The weight that the client gives to `offer`, from 0, which is not acceptable, to 1. */
  quality(offer: string): number {
    return this.judge(offer).quality;
  }

  /** Whether the client accepts `offer`. */
  accepts(offer: string): boolean {
    return this.quality(offer) > 0;
  }

  /**
   * The offer that the client prefers; `undefined` if it accepts none. Among offers of the same quality the one that the
   * client names more precisely wins, then the first one.
   *
   * @param offers In the order of the server's preference.
   * @example
   * const app = new Pottle(import.meta);
   * app.get("/", (_, { acceptMimetypes }) => acceptMimetypes.bestMatch(["text/html", "application/json"]) ?? abort(406));
   * const headers = { Accept: "text/*;q=0.5, application/json" };
   * console.log((await app.testClient().get("/", { headers })).text()); // application/json
   */
  bestMatch<const Offer extends string>(offers: readonly Offer[]): Offer | undefined {
    let best: Offer | undefined;
    let bestVerdict = refused;
    for (const offer of offers) {
      const verdict = this.judge(offer);
      if (verdict.quality > 0 && isBetter(verdict, bestVerdict)) [best, bestVerdict] = [offer, verdict];
    }
    return best;
  }

  /** Walks over the ranges, the preferred ones first. */
  [Symbol.iterator](): ArrayIterator<AcceptRange> {
    return this.ranges.values();
  }

  /** How well an offer is accepted, and how precisely it is named. */
  protected judge(offer: string): Verdict {
    if (!this.isPresent || this.ranges.length === 0) return this.judgeUnnamed(offer);
    let verdict: Verdict | undefined;
    const match = this.matcher(offer.toLowerCase());
    for (const range of this.ranges) {
      const specificity = match(range);
      if (specificity >= 0 && specificity > (verdict?.specificity ?? -1)) {
        verdict = { quality: range.quality, specificity };
      }
    }
    return verdict ?? this.judgeUnnamed(offer);
  }

  /** The verdict about an offer that no range matches. */
  protected judgeUnnamed(_offer: string): Verdict {
    return this.ranges.length === 0 ? accepted : refused;
  }

  /** Makes a function that tells how specific a range is that matches `offer`; -1 if it does not match. */
  protected abstract matcher(offer: string): (range: AcceptRange) => number;
}

/**
 * The media types that the client accepts: `request.acceptMimetypes`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
 */
export class MimetypeAccept extends AcceptList {
  protected override matcher(offer: string): (range: AcceptRange) => number {
    const [essence = "", ...rest] = splitQuoted(offer, ";");
    const own = parseParameters(rest);
    const kind = `${essence.split("/", 1)[0]}/*`;
    return ({ value, parameters }) => {
      for (const [name, text] of parameters) if (own.get(name) !== text.toLowerCase()) return -1;
      if (value === essence) return 2 + parameters.size;
      if (value === kind) return 1;
      return value === "*/*" ? 0 : -1;
    };
  }
}

/**
 * The languages that the client accepts: `request.acceptLanguages`. A range matches the language itself and its variants:
 * `en` matches `en-GB`. A client that wants `en-GB` is given `en` if there is nothing closer.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4647#section-3.4
 */
export class LanguageAccept extends AcceptList {
  protected override matcher(offer: string): (range: AcceptRange) => number {
    const tag = offer.replaceAll("_", "-");
    return ({ value, quality }) => {
      if (value === "*") return 0;
      // That one variant is excluded does not exclude the language.
      if (value.startsWith(`${tag}-`)) return quality > 0 ? 1 : -1;
      return tag === value || tag.startsWith(`${value}-`) ? 1 + value.length : -1;
    };
  }
}

/**
 * The character sets that the client accepts: `request.acceptCharsets`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.2
 */
export class CharsetAccept extends AcceptList {
  protected override matcher(offer: string): (range: AcceptRange) => number {
    return ({ value }) => (value === offer ? 1 : value === "*" ? 0 : -1);
  }
}

/**
 * The content codings that the client accepts: `request.acceptEncodings`. `identity`, which is no coding, is accepted unless
 * the client excludes it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3
 */
export class EncodingAccept extends AcceptList {
  protected override matcher(offer: string): (range: AcceptRange) => number {
    return ({ value }) => {
      if (value === "*") return 0;
      return value === offer || value === `x-${offer}` ? 1 : -1;
    };
  }

  protected override judgeUnnamed(offer: string): Verdict {
    // An empty header says that no coding is accepted; without one a coding may be sent, but need not be understood.
    return !this.isPresent || offer.toLowerCase() === "identity" ? accepted : refused;
  }
}

function isBetter(one: Verdict, other: Verdict): boolean {
  return one.quality > other.quality || (one.quality === other.quality && one.specificity > other.specificity);
}

function parseRanges(header: string): AcceptRange[] {
  const ranges = splitQuoted(header, ",").flatMap((element) => parseRange(element) ?? []);
  return ranges.sort((one, other) => other.quality - one.quality);
}

function parseRange(element: string): AcceptRange | undefined {
  if (!element.includes(";")) return toRange(element, noParameters, "1");
  const [value = "", ...rest] = splitQuoted(element, ";");
  const parameters = parseParameters(rest);
  const q = parameters.get("q") ?? "1";
  parameters.delete("q");
  return toRange(value, parameters, q);
}

function toRange(value: string, parameters: ReadonlyMap<string, string>, q: string): AcceptRange | undefined {
  if (!/^[^\s"=]+$/.test(value) || !weight.test(q)) return undefined;
  return { value: value.toLowerCase(), parameters, quality: Number(q) };
}
