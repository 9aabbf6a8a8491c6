// What every peer answers, so that all do the same work.

export const plain = "Hello, World!";
export const object = { message: "Hello, World!" };
export const large = "x".repeat(100_000);
export const pieces = 50;
export const piece = "y".repeat(100);

export async function* stream() {
  for (let i = 0; i < pieces; i++) yield piece;
}

export const port = Number(process.argv[2]);
