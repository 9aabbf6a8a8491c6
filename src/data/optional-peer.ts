// The drivers of a folder of their own import it from here.
export { loadOptionalPeer, MissingPackageError } from "./shared/optional-peer.ts";
