/** The classes of the overview's shapes and texts, as one style sheet for each colour scheme. */
export type ColourScheme = "light" | "dark" | "as the reader likes it";

const NETWORK_COLOURS = {
  light: ["#b45309", "#0f766e", "#7c3aed", "#be185d"],
  dark: ["#f0a860", "#4fd1c0", "#b79bff", "#f58abf"],
} as const;

/** The class of a stack's n-th network; colours come again after the fourth. */
export function networkClass(index: number): string {
  return `net${index % NETWORK_COLOURS.light.length}`;
}

const light = {
  page: "#ffffff",
  ink: "#1c2430",
  soft: "#556070",
  edge: "#8793a3",
  phone: "#f4f6f9",
  band: "#dfe6ee",
  master: "#1d4ed8",
  onMaster: "#ffffff",
  task: "#d7e5fd",
  taskEdge: "#2563eb",
  free: "#ffffff",
  bad: "#b91c1c",
};
const dark: typeof light = {
  page: "#0d1117",
  ink: "#e6edf3",
  soft: "#a3afbd",
  edge: "#6b7888",
  phone: "#171d26",
  band: "#2a3340",
  master: "#7aa7ff",
  onMaster: "#0d1117",
  task: "#1c3358",
  taskEdge: "#6ea0ff",
  free: "#0d1117",
  bad: "#ff8a80",
};

/** The style sheet; a reader's own preference counts where the scheme leaves it to them. */
export function styleSheet(scheme: ColourScheme): string {
  const lightRules = rules(light, NETWORK_COLOURS.light);
  const darkRules = rules(dark, NETWORK_COLOURS.dark);
  if (scheme === "dark") return darkRules;
  if (scheme === "light") return lightRules;
  return `${lightRules}\n@media (prefers-color-scheme: dark) {\n${darkRules}\n}`;
}

// Plain rules and no custom properties: not every program that shows an SVG knows those.
function rules(colour: typeof light, networks: readonly string[]): string {
  return [
    `.page { fill: ${colour.page} }`,
    `.ink { fill: ${colour.ink} }`,
    `.soft { fill: ${colour.soft} }`,
    `.bad { fill: ${colour.bad} }`,
    `.phone, .machine { fill: ${colour.phone}; stroke: ${colour.edge}; stroke-width: 1.5 }`,
    `.line { fill: none; stroke: ${colour.edge}; stroke-width: 1.5 }`,
    `.arrow { fill: ${colour.edge} }`,
    `.band { fill: ${colour.band}; fill-opacity: 0.55 }`,
    // Dashed and without a body: told apart by who sees no colours, too.
    `.gone { fill: ${colour.free}; stroke: ${colour.bad}; stroke-width: 2; stroke-dasharray: 7 5 }`,
    `.down { fill: ${colour.bad} }`,
    `.on-down { fill: ${colour.free} }`,
    `.master { fill: ${colour.master}; stroke: ${colour.master} }`,
    `.on-master { fill: ${colour.onMaster} }`,
    `.compute { fill: none; stroke: ${colour.edge} }`,
    `.task { fill: ${colour.task}; stroke: ${colour.taskEdge} }`,
    `.free { fill: ${colour.free}; stroke: ${colour.taskEdge}; stroke-dasharray: 5 3 }`,
    `.nowhere { fill: ${colour.free}; stroke: ${colour.bad}; stroke-dasharray: 2 3 }`,
    ...networks.map((value, index) => `.net${index} { fill: ${value} }`),
  ].join("\n");
}
