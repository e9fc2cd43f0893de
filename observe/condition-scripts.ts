/**
 * The part of the facts script that reads how a phone fares, with the shell's own `read`: each program that starts costs a phone part of a
 * second. A file may be missing, empty, or answer with an error, as sensors do that are switched off.
 */
export const conditionPart = `take() { value=; { read -r value <"$1"; } 2>/dev/null; }
for file in /proc/device-tree/model /sys/firmware/devicetree/base/model /sys/class/dmi/id/product_name; do
  take $file
  if [ -n "$value" ]; then say model "$value"; break; fi
done
take /proc/loadavg; say load "\${value%% *}"
take /proc/uptime; say uptime "\${value%% *}"
take /sys/devices/system/cpu/online; say processors "$value"
for zone in /sys/class/thermal/thermal_zone*; do
  take "$zone/temp"; heat=$value
  take "$zone/type"
  [ -z "$heat" ] || say heat "$heat $value"
done
for supply in /sys/class/power_supply/*; do
  take "$supply/type"
  [ "$value" = Battery ] || continue
  known=
  for part in scope present voltage_now capacity status temp health; do take "$supply/$part"; known="$known$value;"; done
  say battery "$known"
done`;
