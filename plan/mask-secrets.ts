/** A copy of a text for people's eyes, JSON or not, in which nothing sensitive is left. */
export function maskSecrets(text: string, sensitive: readonly string[]): string {
  return withJsonForms(sensitive).reduce(
    (shown, secret) => shown.replaceAll(secret, "[secret]"),
    text,
  );
}

/** The sensitive texts as they are and as JSON has them, the longest first, as one may be a part of another. */
export function withJsonForms(sensitive: readonly string[]): string[] {
  const texts = sensitive.filter((text) => text !== "");
  const forms = texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}
