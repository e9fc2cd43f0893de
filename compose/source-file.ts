/** The text of one stack file, and the way from an offset in it to a line and a column. */
export class SourceFile {
  private readonly lineStarts: number[] = [0];

  constructor(
    /** As the user wrote it, for messages. */
    readonly path: string,
    readonly text: string,
  ) {
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
      this.lineStarts.push(at + 1);
    }
  }

  /** `file:line:column` of an offset, counted from 1. */
  where(offset: number): string {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return `${this.path}:${low + 1}:${offset - (this.lineStarts[low] ?? 0) + 1}`;
  }
}

/** Where a value stands: its key path and its place in the file. Both are worked out on demand. */
export class Origin {
  constructor(
    readonly file: SourceFile,
    readonly offset: number,
    private readonly parent?: Origin,
    private readonly key?: string | number,
  ) {}

  /** The origin of an entry of this map or list. */
  child(key: string | number, offset: number): Origin {
    return new Origin(this.file, offset, this, key);
  }

  /** The key path, such as `services.web.ports[0]`; empty for the whole file. */
  get path(): string {
    const above = this.parent?.path ?? "";
    if (typeof this.key === "number") return `${above}[${this.key}]`;
    if (this.key === undefined) return above;
    return above === "" ? this.key : `${above}.${this.key}`;
  }

  /** The last part of the path. */
  get name(): string {
    return String(this.key ?? "");
  }

  /** `file:line:column`. */
  get where(): string {
    return this.file.where(this.offset);
  }
}
