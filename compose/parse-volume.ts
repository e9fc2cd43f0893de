/** A volume of the short form, taken apart. */
export interface ShortVolume {
  type: "volume" | "bind";
  source: string;
  target: string;
  readOnly: boolean;
  noCopy: boolean;
  propagation: string;
  /** Options that Docker does not know here and leaves out. */
  unknown: string[];
  /** `a:/x`, where a one-letter name was taken for a Windows drive. */
  isDriveTrap: boolean;
}

const propagations = ["rprivate", "private", "rshared", "shared", "rslave", "slave"];

/** Reads `[source:]target[:options]` as the docker CLI does; a string says what is wrong. */
export function parseVolume(spec: string): ShortVolume | string {
  if (spec === "") return "it is empty";
  if (spec.includes("\0")) return "it contains the character NUL";
  const volume = blank();
  if (Buffer.byteLength(spec) <= 2) return { ...volume, target: spec };
  const sections = splitSections(spec);
  for (const [index, section] of sections.entries()) {
    if (section === "") return "there is an empty part between colons";
    const isLast = index === sections.length - 1;
    if (volume.source === "" && isLast) volume.target = section;
    else if (volume.source === "") volume.source = section;
    else if (volume.target === "") volume.target = section;
    else if (!isLast) return "there are too many colons";
    else readOptions(section, volume);
  }
  volume.type = volume.source !== "" && isFilePath(volume.source) ? "bind" : "volume";
  volume.isDriveTrap = volume.source === "" && /^[a-z]:\//i.test(volume.target);
  return volume;
}

function blank(): ShortVolume {
  return {
    type: "volume",
    source: "",
    target: "",
    readOnly: false,
    noCopy: false,
    propagation: "",
    unknown: [],
    isDriveTrap: false,
  };
}

// A colon after a single letter belongs to a Windows drive, wherever it stands.
function splitSections(spec: string): string[] {
  const sections: string[] = [];
  let section = "";
  for (const character of `${spec}:`) {
    if (character === ":" && !/^\p{L}$/u.test(section)) {
      sections.push(section);
      section = "";
    } else {
      section += character;
    }
  }
  return section === "" ? sections : [...sections, section.replace(/:$/, "")];
}

function readOptions(text: string, volume: ShortVolume): void {
  for (const option of text.split(",")) {
    if (option === "ro") volume.readOnly = true;
    else if (option === "rw") volume.readOnly = false;
    else if (option === "nocopy") volume.noCopy = true;
    else if (propagations.includes(option)) volume.propagation = option;
    else volume.unknown.push(option);
  }
}

/** Whether the source of a short volume is a path of the node rather than a volume's name. */
function isFilePath(source: string): boolean {
  return /^[./~]/.test(source) || source.startsWith("\\\\") || /^\p{L}:/u.test(source);
}
