/** Why a stream is reset or a connection closed. Written down here, as reading them from Node would load `node:http2`. */
export const errorCode = { none: 0, protocol: 1, internal: 2, cancel: 8, calm: 11 } as const;
