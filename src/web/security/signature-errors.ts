//   BadData                   what was signed cannot be read
//   ├─ BadSignature           it was not signed by any of the keys, or was changed
//   │  └─ SignatureExpired    it was signed too long ago
//   └─ BadPayload             it was signed by one of the keys, and is not what a serializer has written

/** A signed text cannot be read. Its message never has the text in it. */
export class BadData extends Error {
  override readonly name: string = "BadData";
}

/** A text was not signed by any of the keys, or was changed since. */
export class BadSignature extends BadData {
  override readonly name: string = "BadSignature";
}

/** A text was signed too long ago, or in the future. */
export class SignatureExpired extends BadSignature {
  override readonly name = "SignatureExpired";
  /** When it was signed. */
  readonly dateSigned: Date;

  constructor(message: string, dateSigned: Date) {
    super(message);
    this.dateSigned = dateSigned;
  }
}

/** A text is signed by one of the keys, but is not what a serializer has written. */
export class BadPayload extends BadData {
  override readonly name = "BadPayload";
}
