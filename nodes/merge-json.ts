/**
 * Merges JSON objects by their top-level keys: POSIX awk, as a phone has no other tool for it. From the environment: CURRENT loses
 * what OURS set and regains what BEFORE had there; then it gets all of DECLARED, and DEFAULTS if it has none of their keys.
 * Prints what that changes ("same", "reload" where a running engine takes it, else "restart"), the result, and behind a line "---"
 * what was set. Ends with 1 where CURRENT is no object.
 */
export const MERGE_JSON = String.raw`
function trim(text) { gsub(/^[ \t\r\n]+|[ \t\r\n]+$/, "", text); return text }
# Without the white space between its parts, so that two texts can be compared.
function squeeze(text,  i, c, quoted, out) {
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (quoted && c == "\\") { out = out c substr(text, ++i, 1); continue }
    if (c == "\"") quoted = !quoted
    if (quoted || c !~ /[ \t\r\n]/) out = out c
  }
  return out
}
# Fills keys[1...], with their quotes, and values[key]; returns the number of keys, -1 where the text is no object.
function take_apart(text, keys, values,  i, c, depth, start, quoted, count, key, named) {
  text = trim(text)
  if (substr(text, 1, 1) != "{") return -1
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (quoted) { if (c == "\\") i++; else if (c == "\"") quoted = 0; continue }
    if (c == "\"") quoted = 1
    else if (c == "{" || c == "[") { if (++depth == 1) start = i + 1 }
    else if (depth == 1 && c == ":" && !named) { key = trim(substr(text, start, i - start)); named = 1; start = i + 1 }
    else if (depth == 1 && (c == "," || c == "}")) {
      if (named) { if (!(key in values)) keys[++count] = key; values[key] = squeeze(substr(text, start, i - start)) }
      named = 0; start = i + 1
      if (c == "}") { depth--; if (i < length(text)) return -1 }
    }
    else if (c == "}" || c == "]") depth--
  }
  return depth == 0 && !quoted ? count + 0 : -1
}
function put_together(keys, values, count,  i, out, comma) {
  for (i = 1; i <= count; i++) if (keys[i] in values) { out = out comma "\n  " keys[i] ": " values[keys[i]]; comma = "," }
  return "{" out "\n}"
}
function set(key, value) {
  if (!(key in known)) { names[++count] = key; known[key] = 1 }
  has[key] = value
  sets[++set_count] = key; set_to[key] = value
}
BEGIN {
  count = take_apart(ENVIRON["CURRENT"], names, has)
  if (count < 0) exit 1
  for (i = 1; i <= count; i++) { known[names[i]] = 1; had[names[i]] = has[names[i]] }
  n = take_apart(ENVIRON["OURS"], our_names, ours)
  take_apart(ENVIRON["BEFORE"], before_names, before)
  for (i = 1; i <= n; i++) {
    key = our_names[i]
    if (!(key in has) || has[key] != ours[key]) continue
    if (key in before) has[key] = before[key]; else delete has[key]
  }
  n = take_apart(ENVIRON["DEFAULTS"], default_names, defaults)
  unset = 1
  for (i = 1; i <= n; i++) if (default_names[i] in has) unset = 0
  for (i = 1; unset && i <= n; i++) set(default_names[i], defaults[default_names[i]])
  n = take_apart(ENVIRON["DECLARED"], declared_names, declared)
  for (i = 1; i <= n; i++) set(declared_names[i], declared[declared_names[i]])
  change = "same"
  for (i = 1; i <= count; i++) {
    key = names[i]
    if ((key in had) == (key in has) && had[key] == has[key]) continue
    if (key != "\"registry-mirrors\"") change = "restart"
    else if (change == "same") change = "reload"
  }
  print change
  print put_together(names, has, count)
  print "---"
  print put_together(sets, set_to, set_count)
}`;
