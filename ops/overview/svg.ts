type Attributes = Readonly<Record<string, string | number>>;

/** One SVG element with its attributes and children, which are SVG already. */
export function element(
  name: string,
  attributes: Attributes,
  children: readonly string[] = [],
): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`);
  const start = `<${name}${written.join("")}`;
  return children.length === 0 ? `${start}/>` : `${start}>${children.join("")}</${name}>`;
}

/** Fonts that every system has one of; the monospaced ones are all 0.6 em wide, or a little less. */
const FONTS = {
  sans: "system-ui, 'Segoe UI', Helvetica, Arial, 'DejaVu Sans', sans-serif",
  mono: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
};
/** The widest average of a letter in the fonts above, in em; bold sans is wider than mono. */
const LETTER_WIDTH = { sans: 0.62, mono: 0.61 };

/** How a text is set. */
export interface TextStyle {
  readonly class: string;
  readonly size: number;
  readonly font?: "sans" | "mono";
  readonly weight?: number;
  readonly anchor?: "start" | "middle" | "end";
}

/** A line of text at a baseline, cut to a width in pixels; the whole of it shows where a reader points. */
export function textLine(
  text: string,
  { x, y, width }: { x: number; y: number; width: number },
  { font = "sans", anchor = "start", weight = 400, ...style }: TextStyle,
): string {
  const room = Math.floor(width / (style.size * LETTER_WIDTH[font]));
  const isCut = text.length > room;
  const shown = isCut ? `${text.slice(0, Math.max(room - 1, 0))}…` : text;
  const attributes = {
    x,
    y,
    class: style.class,
    "font-size": style.size,
    "font-family": FONTS[font],
    ...(weight === 400 ? {} : { "font-weight": weight }),
    ...(anchor === "start" ? {} : { "text-anchor": anchor }),
  };
  const tooltip = isCut ? [element("title", {}, [escape(text)])] : [];
  return element("text", attributes, [...tooltip, escape(shown)]);
}

function escape(value: string | number): string {
  return String(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
