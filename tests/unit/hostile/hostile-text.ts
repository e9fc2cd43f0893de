import fc from "fast-check";

/** The command that no setting may ever run; the tests put it first in PATH. */
export const CANARY = "cloudlet-canary";

/** Ways in which text has become a command before, in shells, sed, awk, OpenSSH's and nftables' files, and argument lists. */
export const attacks: readonly string[] = [
  ...[`$(${CANARY})`, `\`${CANARY}\``, `\${x:-$(${CANARY})}`, `$((x[$(${CANARY})]))`],
  ...[`;${CANARY};`, `&${CANARY}&`, `|${CANARY}`, `||${CANARY}||`, `&&${CANARY}`, `(${CANARY})`],
  ...[`\n${CANARY}\n`, `\r\n${CANARY}\r\n`, `x\n${CANARY} #`, `\\\n${CANARY}`, `#\n${CANARY}`],
  ...[`';${CANARY};'`, `'$(${CANARY})'`, `'\\'';${CANARY};'`, `'\n${CANARY}\n'`, `"$(${CANARY})"`],
  ...[`";${CANARY};"`, `\\";${CANARY};\\"`, `"\n${CANARY}\n"`, `'"'"';${CANARY};'"'"'`],
  ...[`\nEND\n${CANARY}\n`, `\nEOF\n${CANARY}\n`, `>\n${CANARY}`, `{ ${CANARY}; }`],
  ...[`-oProxyCommand=${CANARY}`, `--exec=${CANARY}`, `-F/dev/stdin`, "-rf", "--", "-", "--help"],
  ...[`x\n  ProxyCommand ${CANARY}`, `x\nMatch exec "${CANARY}"`, `x\n  LocalCommand ${CANARY}`],
  ...[`x\n* ssh-ed25519 AAAAevil`, `@cert-authority * ssh-ed25519 AAAAevil`],
  ...[`s/.*/${CANARY}/e`, `\ne ${CANARY}\n`, `|e;s|x|${CANARY}|e;`, `/e ${CANARY}`],
  ...[`"; system("${CANARY}"); "`, `{{.ID}}`, `%s%n`, `\u2028${CANARY}\u2029`, `é 漢 🙂`],
  ...["'", '"', "\\", "`", "$", "*", "~", "!", "#", "$HOME", "~root", "{a,b}", "a b", "\t", ""],
  ...[CANARY, ` ${CANARY} `, `x ${CANARY}`, `x/${CANARY}`, "__proto__", "constructor"],
];

/** Any hostile text: an attack, two of them, or one in the middle of any other text. NUL is left out, as no argument holds it. */
export const hostileText: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 4, arbitrary: fc.constantFrom(...attacks) },
    fc.tuple(fc.constantFrom(...attacks), fc.constantFrom(...attacks)).map((two) => two.join("")),
    fc
      .tuple(fc.string({ unit: "grapheme" }), fc.constantFrom(...attacks), fc.string())
      .map((parts) => parts.join("")),
  )
  .map((text) => text.replaceAll("\0", ""));
