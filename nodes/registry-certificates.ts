import { DAEMON_JSON, FILE_SUMS } from "../observe/facts-scripts";
import { shellQuote } from "../observe/shell-quote";
import type { RegistryCertificates } from "../plan/registry-certificates";

/** Where engines look for what they trust at a registry, at each request anew: all files there that end in .crt. */
const DIRECTORY = `${DAEMON_JSON.slice(0, DAEMON_JSON.lastIndexOf("/"))}/certs.d`;
/** Ours, by its name: what else is in a registry's directory is somebody else's. */
const OUR_NAME = "cloudlet.crt";

const REMOVE = `for file in ${DIRECTORY}/*/${OUR_NAME}; do
  [ -e "$file" ] || continue
  registry=\${file%/*}
  registry=\${registry##*/}
  case " $declared " in *" $registry "*) continue ;; esac
  rm -f "$file"
  rmdir ${DIRECTORY}/"$registry" 2>/dev/null || :
done
rmdir ${DIRECTORY} 2>/dev/null || :
`;

/**
 * Shell for a phone's root: gives the engine the certificates of registries, takes away those that are declared no more, and
 * writes their checksums down. Comes after what begins the file of checksums.
 */
export function registryCertificatesPart(certificates: RegistryCertificates): string {
  const write = Object.entries(certificates).map(([registry, pem]) => {
    const directory = `${DIRECTORY}/${registry}`;
    const file = shellQuote(`${directory}/${OUR_NAME}`);
    return `mkdir -p ${shellQuote(directory)}
printf %s ${shellQuote(pem)} > ${shellQuote(`${directory}/${OUR_NAME}.new`)}
mv ${shellQuote(`${directory}/${OUR_NAME}.new`)} ${file}
sha256sum ${file} >> ${FILE_SUMS}
`;
  });
  const declared = shellQuote(Object.keys(certificates).join(" "));
  return `declared=${declared}
${REMOVE}${write.join("")}`;
}

/** Shell for a phone's root: takes away all certificates that {@link registryCertificatesPart} gave the engine. */
export const undoRegistryCertificatesPart = `declared=
${REMOVE}`;
