import { DAEMON_JSON, DAEMON_OURS, RESTART_MARK, STATE_DIRECTORY } from "../observe/facts-scripts";
import { shellQuote } from "../observe/shell-quote";
import type { EngineSettings } from "../plan/engine-settings";
import { MERGE_JSON } from "./merge-json";

/** The file as it was before we first changed it. */
const BEFORE = `${STATE_DIRECTORY}/daemon-before.json`;

// Sets $change as the merge says. The new file has the old one's rights, and an engine that can check it has done so.
const MERGE_SETTINGS = `read_json() { if [ -s "$1" ]; then cat "$1"; else echo '{}'; fi; }
merge_settings() {
  [ -e ${BEFORE} ] || read_json ${DAEMON_JSON} > ${BEFORE}
  chmod 600 ${BEFORE}
  merged=$(DEFAULTS=$1 DECLARED=$2 CURRENT=$(read_json ${DAEMON_JSON}) OURS=$(read_json ${DAEMON_OURS}) BEFORE=$(read_json ${BEFORE}) awk ${shellQuote(MERGE_JSON)}) || fail "${DAEMON_JSON} is no JSON object; mend it or move it away"
  change=$(echo "$merged" | head -n 1)
  if [ $change != same ]; then
    mkdir -p ${DAEMON_JSON.slice(0, DAEMON_JSON.lastIndexOf("/"))}
    [ ! -e ${DAEMON_JSON} ] || cp -p ${DAEMON_JSON} ${DAEMON_JSON}.new
    echo "$merged" | sed '1d;/^---$/,$d' > ${DAEMON_JSON}.new
    if dockerd --help 2>&1 | grep -q -- --validate; then
      said=$(dockerd --validate --config-file=${DAEMON_JSON}.new 2>&1) || { rm ${DAEMON_JSON}.new; fail "Docker does not take its settings: $said"; }
    fi
    mv ${DAEMON_JSON}.new ${DAEMON_JSON}
  fi
  (umask 077; echo "$merged" | sed '1,/^---$/d' > ${DAEMON_OURS})
}
`;

/**
 * Shell for a phone's root: merges the engine's settings into its `daemon.json`, where those of others stay. A running engine takes
 * them at once where it can, and else is marked to restart. Needs fail and mark_restart; comes before the engine is started.
 */
export function engineSettingsPart({ defaults, declared }: EngineSettings): string {
  return `${MERGE_SETTINGS}merge_settings ${shellQuote(JSON.stringify(defaults))} ${shellQuote(JSON.stringify(declared))}
if [ $change != same ] && docker info >/dev/null 2>&1; then
  if [ $change = reload ]; then { kill -HUP "$(cat /run/docker.pid)"; } 2>/dev/null || mark_restart; else mark_restart; fi
fi
`;
}

/**
 * Shell for a phone's root: takes the settings back that are still as we set them. An engine that runs nothing takes that at once.
 * Needs fail and restart_engine.
 */
export const undoEngineSettingsPart = `${MERGE_SETTINGS}if [ -e ${DAEMON_OURS} ]; then
  merge_settings '{}' '{}'
  if [ "$(read_json ${BEFORE})" = '{}' ] && [ "$(read_json ${DAEMON_JSON} | tr -d ' \\n')" = '{}' ]; then rm -f ${DAEMON_JSON}; fi
  if [ $change = restart ] && [ -z "$(docker ps -q 2>/dev/null || echo off)" ]; then restart_engine; fi
  rm -f ${RESTART_MARK}
fi
`;
