import { posix } from "node:path";

/** Where paths in stack files are taken from. */
export interface Directories {
  workingDirectory: string;
  homeDirectory: string;
}

/** The path of a file that a stack file names, from the working directory on. */
export function filePath(path: string, { workingDirectory }: Directories): string {
  return posix.isAbsolute(path) ? path : cleanPath(posix.join(workingDirectory, path));
}

/** The path on the node that a bind mount names; absolute paths, Windows ones too, stay as written. */
export function bindPath(source: string, directories: Directories): string {
  const path = source.startsWith("~") ? directories.homeDirectory + source.slice(1) : source;
  return posix.isAbsolute(path) || isWindowsPath(path) ? path : filePath(path, directories);
}

// Unlike Node's, Go's path.Join leaves no slash at the end.
function cleanPath(path: string): string {
  return path.length > 1 ? path.replace(/\/$/, "") : path;
}

function isWindowsPath(path: string): boolean {
  const share = /^[\\/]{2}[^\\/.][^\\/]*[\\/][^\\/.][^\\/]*(?=[\\/])/;
  return /^[a-zA-Z]:[\\/]/.test(path) || share.test(path);
}
