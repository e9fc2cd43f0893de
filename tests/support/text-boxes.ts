/** Where a text of a picture stands. */
export interface TextBox {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The boxes of all texts of a picture, for letters as wide as those of the widest font that it names. */
export function textBoxes(svg: string): TextBox[] {
  return [...svg.matchAll(/<text ([^>]*)>(?:<title>[^<]*<\/title>)?([^<]*)<\/text>/g)].map(
    ([, attributes = "", text = ""]) => {
      const of = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(attributes)?.[1];
      const size = Number(of("font-size"));
      const width = text.length * size * 0.61;
      const shift = { start: 0, middle: width / 2, end: width }[of("text-anchor") ?? "start"] ?? 0;
      const left = Number(of(" ?x")) - shift;
      const y = Number(of(" y"));
      return { text, left, right: left + width, top: y - size * 0.8, bottom: y + size * 0.25 };
    },
  );
}

/** Those that lie upon each other. */
export function overlapping(boxes: readonly TextBox[]): [TextBox, TextBox][] {
  const pairs = boxes.flatMap((a, index) =>
    boxes.slice(index + 1).map((b): [TextBox, TextBox] => [a, b]),
  );
  return pairs.filter(
    ([a, b]) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom,
  );
}
