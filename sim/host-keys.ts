import { createHash, createPrivateKey, createPublicKey } from "node:crypto";

/** An SSH host key: OpenSSH's private key file, and the public key as known_hosts and settings files have it. */
export interface HostKey {
  readonly privateKey: string;
  readonly publicKey: string;
}

const KEY_TYPE = "ssh-ed25519";

/**
 * The host key of a simulated phone, always the same for a name so that settings files can pin it. It follows from
 * public text, so it protects nothing: never give it to a real machine.
 */
export function simulatedHostKey(phone: string): HostKey {
  const seed = createHash("sha256")
    .update(`cloudlet simulated phone, host key for tests only: ${phone}`)
    .digest();
  const publicBytes = ed25519PublicKey(seed);
  const publicBlob = Buffer.concat([field(KEY_TYPE), field(publicBytes)]);
  return {
    privateKey: privateKeyFile(seed, publicBytes, publicBlob),
    publicKey: `${KEY_TYPE} ${publicBlob.toString("base64")}`,
  };
}

function ed25519PublicKey(seed: Buffer): Buffer {
  // PKCS #8 for an Ed25519 key is this fixed prefix and the 32 bytes of the seed (RFC 8410).
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const privateKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  return createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32);
}

// The format is OpenSSH's PROTOCOL.key, without a cipher.
function privateKeyFile(seed: Buffer, publicBytes: Buffer, publicBlob: Buffer): string {
  const check = seed.subarray(0, 4); // any number, twice
  const secret = Buffer.concat([
    ...[check, check, field(KEY_TYPE), field(publicBytes)],
    ...[field(Buffer.concat([seed, publicBytes])), field("simulated phone")],
  ]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7]).subarray(0, (8 - (secret.length % 8)) % 8);
  const file = Buffer.concat([
    ...[Buffer.from("openssh-key-v1\0"), field("none"), field("none"), field(""), uint32(1)],
    ...[field(publicBlob), field(Buffer.concat([secret, padding]))],
  ]);
  const lines = file.toString("base64").replace(/.{70}/g, "$&\n");
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
