import { pack, type Header } from "tar-stream";

/** A file of a tar archive: with content, a directory, or a hard or symbolic link. */
export type TarEntry = { readonly path: string; readonly mode?: number } & (
  | { readonly content: string | Buffer }
  | { readonly linkTo: string }
  | { readonly symlinkTo: string }
  | { readonly directory: true }
);

/** Packs files owned by root and dated 1970, so that the same files give the same bytes. */
export async function packTar(entries: readonly TarEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const entry of entries) {
    const common = { name: entry.path, mtime: new Date(0), uid: 0, gid: 0 };
    const mode = entry.mode === undefined ? {} : { mode: entry.mode };
    archive.entry(
      { ...common, ...kindOf(entry), ...mode },
      "content" in entry ? entry.content : "",
    );
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function kindOf(entry: TarEntry): Partial<Header> {
  if ("content" in entry) return { type: "file", mode: 0o644 };
  if ("directory" in entry) return { type: "directory", mode: 0o755 };
  return "linkTo" in entry
    ? { type: "link", linkname: entry.linkTo, mode: 0o755 }
    : { type: "symlink", linkname: entry.symlinkTo, mode: 0o777 };
}
